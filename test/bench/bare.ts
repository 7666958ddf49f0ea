/**
 * The baseline: node:http that replies to every request with the headers of an allow, and does
 * nothing else.
 */
import { createServer } from 'node:http';

const headers = [
  'Cache-Control', 'no-store', 'Vary', 'Cookie', 'X-Content-Type-Options', 'nosniff',
  'Referrer-Policy', 'no-referrer', 'X-Request-Id', '0123456789abcdef01234567', 'Remote-User', 'alice', 'Remote-Groups', 'staff',
  'Remote-Name', 'Alice Example', 'Remote-Email', 'alice@example.test', 'Content-Length', '0',
]; // biome-ignore format: pairs

createServer((_request, response) => {
  response.writeHead(200, headers);
  response.end();
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('up\n'));
