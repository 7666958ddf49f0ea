/** Responses of external services are limited, and an unclear response is a failure. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOutside } from '../../src/outside/outside.ts';
import { flowBrowser, flowEngine, testFlow } from '../support/flow-fakes.ts';

const GIB = 2 ** 30;
const PIECE = Buffer.alloc(64 * 1024, 'x');

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A captcha verifier with this response, and a browser that stopped at the captcha. */
async function checkedBy(listener: RequestListener) {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const captcha = { type: 'captcha', kind: 'turnstile', site_key: 'k', secret: 'hidden-secret' };
  const engine = flowEngine({
    flows: [testFlow('login', [captcha, { type: 'message', title: 'Past', text: 'it' }])],
  });
  const outside = createOutside(1_000);
  engine.outside.post = (_url, form) => outside.post(url, form);
  const browser = flowBrowser(engine);
  const page = await browser.open('/flow/login');
  const end = await browser.submit(page, { captcha: 'an answer' });
  await outside.close();
  return { engine, end };
}

const endless: RequestListener = (_request, response) => {
  const write = (): void => {
    while (!response.destroyed && response.write(PIECE));
    response.once('drain', write);
  };
  write();
};

describe('a verifier', () => {
  it.each<[string, Record<string, string>]>([
    ['DOS-auth-resp-size', {}],
    ['that declares a length', { 'content-length': String(GIB) }],
    ['that compresses its response', { 'content-encoding': 'gzip' }],
  ])('%s is cut off if its response does not end, and lets no visitor past', async (_, headers) => {
    let sent: () => number = () => 0;
    const { end } = await checkedBy((request, response) => {
      const { socket } = request;
      sent = () => socket.bytesWritten;
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      endless(request, response);
    });
    expect(end.view.challenge.type).toBe('captcha');
    expect(end.view.rejection).toEqual({ key: 'captcha.unavailable' });
    // The sockets in between may hold data in transit; the rest was never read.
    expect(sent()).toBeLessThan(32 * 1024 * 1024);
  });

  it.each<[string, RequestListener]>([
    ['nothing', () => undefined],
    ['a byte now and then', (_request, response) => void response.writeHead(200).write('{')],
    [
      'a header without end',
      (request) => {
        const piece = `X: ${'y'.repeat(60_000)}\r\n`;
        request.socket.write(`HTTP/1.1 200 OK\r\n${piece.repeat(20)}`);
      },
    ],
    [
      'a refusal with a yes in it',
      (_q, response) => void response.writeHead(403).end('{"success":true}'),
    ],
    ['a success in a list', (_q, response) => void response.end('[{"success":true}]')],
    ['a success as a string', (_q, response) => void response.end('{"success":"true"}')],
    ['two values', (_q, response) => void response.end('{"success":true,"success":false}')],
    [
      'a yes for another page',
      (_q, response) => void response.end('{"success":true,"hostname":"evil.example"}'),
    ],
    [
      'a yes in its prototype',
      (_q, response) => void response.end('{"__proto__":{"success":true}}'),
    ],
  ])('that responds with %s lets no visitor past', async (_, listener) => {
    const { end, engine } = await checkedBy(listener);
    expect(end.view.challenge.type).toBe('captcha');
    expect(JSON.stringify([end.text, engine.events.all])).not.toContain('hidden-secret');
  });
});
