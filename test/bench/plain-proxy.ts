/**
 * The proxy that most Node projects use: http-proxy 1.18 over a keep-alive agent, without
 * decisions.
 */
import { Agent, createServer } from 'node:http';
import httpProxy from 'plain-http-proxy';

const [port, target = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const proxy = httpProxy.createProxyServer({ target, agent });
proxy.on('error', (error) => process.stderr.write(`${error.message}\n`));

createServer((request, response) => proxy.web(request, response)).listen(
  Number(port),
  '127.0.0.1',
  () => process.stdout.write('up\n'),
);
