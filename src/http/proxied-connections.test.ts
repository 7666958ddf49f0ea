/** A listener with `proxy_protocol`: raw bytes on real sockets. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BLOCKS, KINDS, v1, v2 } from '../../test/support/proxy-headers.ts';
import { answersOf, sendRaw } from '../../test/support/raw.ts';
import { until } from '../../test/support/until.ts';
import { peerOf } from '../gate/request/peer.ts';
import { createPublicServer } from './server.ts';

const seen: { readonly url: string; readonly body: string; readonly peer: string }[] = [];
const closed: string[] = [];
let isTrusting = true;

const server = createPublicServer(
  {
    request(request, response) {
      let body = '';
      request.setEncoding('latin1').on('data', (text: string) => (body += text));
      request.on('end', () => {
        seen.push({ url: request.url ?? '', body, peer: peerOf(request.socket).address });
        response.end('door');
      });
    },
    upgrades: () => true,
    upgrade(request, socket, head) {
      const { address } = peerOf(request.socket);
      seen.push({ url: request.url ?? '', body: head.toString(), peer: address });
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    },
    refused: (_request, { code }) => code,
  },
  { kind: 'tcp' },
  {
    trustsPeer: ({ address }) => isTrusting && address === '127.0.0.1',
    closed: (reason, peer) => closed.push(`${reason} ${peer}`),
  },
);
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => {
  seen.length = 0;
  closed.length = 0;
  isTrusting = true;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const HEADER = v1('TCP4 203.0.113.7 192.0.2.1 1025 443');
const get = (path: string, ...lines: string[]): string =>
  `${[`GET ${path} HTTP/1.1`, 'Host: a', ...lines].join('\r\n')}\r\n\r\n`;
const post = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const after = (header: Buffer, text: string): Buffer => Buffer.concat([header, Buffer.from(text)]);
const statusesOf = (raw: string): number[] => answersOf(raw).map(({ status }) => status);
const connections = (): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });

/** Writes these bytes one by one, each in a segment of its own. */
async function drip(socket: Socket, bytes: Buffer): Promise<void> {
  socket.setNoDelay(true);
  for (const byte of bytes) {
    await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

describe('a connection with a PROXY header', () => {
  it.each([
    ['v1', HEADER, '203.0.113.7'],
    ['v1 over IPv6', v1('TCP6 2001:db8::7 ::1 1025 443'), '2001:db8::7'],
    ['v1 without addresses', v1('UNKNOWN'), 'unknown'],
    ['v2', v2(0x21, KINDS.tcp4, BLOCKS.v4), '203.0.113.7'],
    ['v2 over IPv6', v2(0x21, KINDS.tcp6, BLOCKS.v6), '2001:db8::7'],
    ['v2 of a unix socket', v2(0x21, KINDS.unix, BLOCKS.unix), 'unknown'],
    ['v2 without addresses', v2(0x21, KINDS.unspecified, BLOCKS.none), 'unknown'],
    ['v2 of the proxy itself', v2(0x20, KINDS.unspecified, BLOCKS.none), '127.0.0.1'],
  ])('%s: every request of it has the client that the header names', async (_, header, peer) => {
    const requests = post('/one', 'PROXY UNKNOWN\r\n') + get('/two');
    const raw = await sendRaw(port, after(header, requests));
    expect(statusesOf(raw)).toEqual([200, 200]);
    expect(seen.toSorted((a, b) => a.url.localeCompare(b.url))).toEqual([
      { url: '/one', body: 'PROXY UNKNOWN\r\n', peer },
      { url: '/two', body: '', peer },
    ]);
    expect(closed).toEqual([]);
  });

  it.each([
    ['v1', HEADER],
    ['v2', v2(0x21, KINDS.tcp4, Buffer.concat([BLOCKS.v4, Buffer.alloc(64)]))],
  ])('%s may arrive byte by byte, and so may what follows', async (_, header) => {
    const socket = connect(port, '127.0.0.1');
    let got = '';
    socket.setEncoding('latin1').on('data', (text: string) => (got += text));
    await drip(socket, after(header, post('/drip', 'abc')));
    await until('it is answered', () => got.includes('door'));
    socket.destroy();
    expect(seen).toEqual([{ url: '/drip', body: 'abc', peer: '203.0.113.7' }]);
  });

  it('keeps its client from request to request, however long the pause between them', async () => {
    const socket = connect(port, '127.0.0.1');
    let got = '';
    socket.setEncoding('latin1').on('data', (text: string) => (got += text));
    socket.write(HEADER);
    for (const path of ['/a', '/b', '/c']) {
      const before = got.length;
      socket.write(get(path));
      await until('it is answered', () => got.slice(before).includes('door'));
    }
    socket.destroy();
    expect(seen.map(({ url, peer }) => `${url} ${peer}`)).toEqual([
      '/a 203.0.113.7',
      '/b 203.0.113.7',
      '/c 203.0.113.7',
    ]);
  });

  it('carries large bodies whole', async () => {
    const body = Array.from({ length: 40_000 }, (_, i) => String(i)).join();
    expect(statusesOf(await sendRaw(port, after(HEADER, post('/large', body))))).toEqual([200]);
    expect(seen).toEqual([{ url: '/large', body, peer: '203.0.113.7' }]);
  });

  it('may be upgraded, with the bytes behind the handshake', async () => {
    const handshake = get('/ws', 'Connection: Upgrade', 'Upgrade: websocket');
    await sendRaw(port, after(HEADER, `${handshake}frames`));
    expect(seen).toEqual([{ url: '/ws', body: 'frames', peer: '203.0.113.7' }]);
  });

  it('is answered if the client has closed its side already', async () => {
    const sent = Promise.resolve();
    const raw = await sendRaw(port, after(HEADER, get('/half')), { sent });
    expect(statusesOf(raw)).toEqual([200]);
  });

  it('may have one header only', async () => {
    const raw = await sendRaw(port, after(Buffer.concat([HEADER, HEADER]), get('/')));
    expect(statusesOf(raw)).toEqual([400]);
    expect(seen).toEqual([]);
  });
});

describe('a connection is closed unread', () => {
  it.each([
    ['without a header', Buffer.from(get('/'))],
    ['with a request before it', after(Buffer.from(get('/')), HEADER.toString())],
    ['with an incorrect header', after(v1('TCP4 203.0.113.7 192.0.2.1 1 x'), get('/'))],
    ['with a v1 header that is too long', after(v1(`UNKNOWN ${'x'.repeat(92)}`), get('/'))],
    ['with a v1 header that never ends', Buffer.alloc(200_000, 'PROXY UNKNOWN ')],
    ['with a v2 header that is too long', v2(0x21, KINDS.tcp4, Buffer.alloc(2049))],
    ['with TLS', Buffer.from('1603010200010001fc0303', 'hex')],
  ])('%s', async (_, bytes) => {
    expect(await sendRaw(port, bytes)).toBe('');
    expect([closed, seen]).toEqual([['malformed 127.0.0.1'], []]);
  });

  it.each([
    ['ends', (socket: Socket) => void socket.end()],
    ['is reset', (socket: Socket) => void socket.resetAndDestroy()],
  ])('if it %s within its header, wherever', async (_, end) => {
    const header = v2(0x21, KINDS.tcp4, BLOCKS.v4);
    for (let length = 0; length < header.length; length += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      const accepted = await connections();
      expect(accepted).toBeGreaterThan(0);
      if (length > 0) socket.write(header.subarray(0, length), () => end(socket));
      else end(socket);
      socket.resume();
      await until('it is closed', () => closed.length === length + 1);
    }
    expect(new Set(closed)).toEqual(new Set(['incomplete 127.0.0.1']));
    expect(seen).toEqual([]);
    await until('no connection is left', async () => (await connections()) === 0);
  });

  it('if its header does not arrive in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const socket = connect(port, '127.0.0.1');
      const isOver = once(socket.resume(), 'close');
      const arrived = once(server, 'connection');
      socket.write(HEADER.subarray(0, 20));
      await arrived;
      vi.advanceTimersByTime(5_000);
      await isOver;
      expect([closed, seen]).toEqual([['late 127.0.0.1'], []]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('at once if its peer is not trusted, even with a header', async () => {
    isTrusting = false;
    expect(await sendRaw(port, after(HEADER, get('/')))).toBe('');
    expect([closed, seen]).toEqual([['untrusted 127.0.0.1'], []]);
  });

  it('and a header from an untrusted address never helps', async () => {
    const raw = await sendRaw(port, after(v1('TCP4 127.0.0.1 127.0.0.1 1 2'), get('/')), {
      from: '127.0.0.2',
    });
    expect([raw, closed, seen]).toEqual(['', ['untrusted 127.0.0.2'], []]);
  });
});
