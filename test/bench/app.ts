/** The app behind the proxies if nginx is not installed: 10 MB at `/large`, else 1 KB. */
import { createServer } from 'node:http';

const small = Buffer.alloc(1024, 'x');
const large = Buffer.alloc(10 * 1024 * 1024, 'x');

createServer((request, response) => {
  const body = request.url === '/large' ? large : small;
  response.writeHead(200, { 'Content-Length': body.length });
  response.end(body);
}).listen(Number(process.argv[2]), '127.0.0.1');
