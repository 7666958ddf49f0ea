/** Requests to external services: answered as JSON in time, or failed. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutside } from './outside.ts';

let server: Server;
let listener: RequestListener;
let url: string;
let requests: { path: string; type: string; body: string }[];

beforeEach(async () => {
  requests = [];
  server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => (body += String(chunk)));
    req.on('end', () => {
      requests.push({ path: req.url ?? '', type: String(req.headers['content-type']), body });
      listener(req, res);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/verify?v=1`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const unavailable = { code: 'outside/unavailable', status: 503 };
const answer =
  (text: string | Buffer, status = 200, headers = {}): RequestListener =>
  (_req, res) =>
    res.writeHead(status, headers).end(text);

async function post(time?: number): Promise<unknown> {
  const outside = createOutside(time);
  try {
    return await outside.post(url, { secret: 's&=ä', response: 'a b' });
  } finally {
    await outside.close();
  }
}

describe('a request to an external service', () => {
  it('is one form, and its response is JSON', async () => {
    listener = answer('{"success":true,"score":0.5}');
    expect(await post()).toEqual({ success: true, score: 0.5 });
    expect(requests).toEqual([
      {
        path: '/verify?v=1',
        type: 'application/x-www-form-urlencoded',
        body: 'secret=s%26%3D%C3%A4&response=a+b',
      },
    ]);
  });

  it.each<[string, RequestListener]>([
    ['an error', answer('{"success":true}', 500)],
    ['another status', answer('{"success":true}', 202)],
    ['no JSON', answer('<html>')],
    ['nothing', answer('')],
    ['an oversized response', answer(`"${'x'.repeat(64 * 1024)}"`)],
    ['an encoding that was not requested', answer('{}', 200, { 'content-encoding': 'gzip' })],
    ['half a response', (_req, res) => void res.writeHead(200).write('{"su', () => res.destroy())],
    ['a closed connection', (_req, res) => void res.destroy()],
  ])('that gets %s fails', async (_what, how) => {
    listener = how;
    await expect(post()).rejects.toMatchObject(unavailable);
  });

  it('follows no redirect', async () => {
    listener = answer('', 307, { location: url });
    await expect(post()).rejects.toMatchObject(unavailable);
    expect(requests).toHaveLength(1);
  });

  it.each<[string, RequestListener]>([
    ['says nothing', () => undefined],
    ['never ends', (_req, res) => void res.writeHead(200).write('{')],
  ])('to a server that %s is cut off', async (_what, how) => {
    listener = how;
    await expect(post(50)).rejects.toMatchObject(unavailable);
  });

  it.each([
    'http://verifier.example.com/',
    'http://127.0.0.1.example.com/',
    'https://user:pass@verifier.example.com/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    '/verify',
    '',
  ])('is never sent to %j', async (elsewhere) => {
    const outside = createOutside();
    await expect(outside.post(elsewhere, {})).rejects.toMatchObject(unavailable);
    await outside.close();
  });

  it('waits for a limited number of others', async () => {
    listener = () => undefined;
    const outside = createOutside();
    const settled = Promise.allSettled(Array.from({ length: 129 }, () => outside.post(url, {})));
    await expect(outside.post(url, {})).rejects.toMatchObject({
      ...unavailable,
      cause: new Error('too many questions under way'),
    });
    await outside.close();
    for (const { status } of await settled) expect(status).toBe('rejected');
  });
});
