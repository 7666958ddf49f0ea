/**
 * Requests that reach no endpoint: refused because of their framing, logged, and replied to like
 * all others.
 */
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, sendRaw } from '../../test/support/raw.ts';
import { createPublicServer } from './server.ts';

const reached: string[] = [];
const refused: string[] = [];
const server = createPublicServer(
  {
    request(request, response) {
      reached.push(request.url ?? '');
      response.end('door');
    },
    upgrades: (request) => request.url !== '/question',
    upgrade: (request, socket) => {
      reached.push(request.url ?? '');
      socket.destroy();
    },
    refused(_request, { code }) {
      refused.push(code);
      return `id-${refused.length}`;
    },
  },
  { kind: 'tcp' },
);
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());

const message = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: eA=='];

describe('a request refused before any endpoint', () => {
  it.each([
    ['no Host', 400, 'host/missing', message('GET / HTTP/1.1')],
    ['no Host, in the old protocol', 400, 'host/missing', message('GET / HTTP/1.0')],
    ['two Hosts', 400, 'host/missing', message('GET / HTTP/1.1', 'Host: a', 'Host: b')],
    [
      'a length under another spelling',
      400,
      'request/framing',
      message('POST / HTTP/1.1', 'Host: a', 'Content_Length: 1'),
    ],
    [
      'two Hosts on an upgrade',
      400,
      'host/missing',
      message('GET / HTTP/1.1', 'Host: a', 'Host: b', ...UPGRADE),
    ],
    ['CONNECT', 405, 'method/refused', message('CONNECT a:1 HTTP/1.1', 'Host: a:1')],
    [
      'an expectation that is never met',
      417,
      'request/expectation',
      message('GET / HTTP/1.1', 'Host: a', 'Expect: tea'),
    ],
  ])('for %s gets a complete %i %s', async (_, status, code, bytes) => {
    reached.length = 0;
    refused.length = 0;
    const [answer, ...more] = answersOf(await sendRaw(port, bytes));
    expect(more).toEqual([]);
    expect(answer?.status).toBe(status);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: code, request_id: 'id-1' });
    for (const line of [
      'X-Request-Id: id-1',
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
    ]) {
      expect(answer?.head).toContain(line);
    }
    expect(answer?.head).not.toMatch(/^(?:server|x-powered-by):/im);
    expect(refused).toEqual([code]);
    expect(reached).toEqual([]);
  });

  it('is the last one of its connection', async () => {
    reached.length = 0;
    const bytes = message('GET / HTTP/1.1', 'Host: a', 'Host: b');
    await sendRaw(port, bytes + message('GET /after HTTP/1.1', 'Host: a'));
    await sendRaw(port, bytes + message('GET /socket HTTP/1.1', 'Host: a', ...UPGRADE));
    expect(reached).toEqual([]);
  });

  it('gets no reply if its bytes are no request', async () => {
    const raw = await sendRaw(port, 'GARBAGE\r\n\r\n');
    expect(raw).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
});

describe('a websocket handshake', () => {
  it('that its endpoint does not accept gets the reply of a request', async () => {
    reached.length = 0;
    const raw = await sendRaw(port, message('GET /question HTTP/1.1', 'Host: a', ...UPGRADE));
    expect(answersOf(raw).map(({ status, body }) => [status, body])).toEqual([[200, 'door']]);
    expect(reached).toEqual(['/question']);
  });
});

describe('a plain request', () => {
  it.each(['Host: a', 'Host: a\r\nUpgrade: h2c\r\nConnection: Upgrade'])(
    'with %j reaches its endpoint',
    async (lines) => {
      reached.length = 0;
      const [answer] = answersOf(await sendRaw(port, message('GET /x HTTP/1.1', lines)));
      expect([answer?.status, answer?.body, reached]).toEqual([200, 'door', ['/x']]);
    },
  );
});
