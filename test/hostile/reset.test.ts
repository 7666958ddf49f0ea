/**
 * Trust belongs to the listener. A TCP client that resets its connection has no peer address any
 * more; it must not pass for the proxy on the Unix socket, whatever its X-Forwarded-* headers say.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { type EchoApp, logOf, signedIn, startEcho } from './fixture.ts';

const ROUNDS = 300;
const SOCKET = 'doorward.sock';

/** Three ways to configure that only peers on the Unix socket are trusted. */
const SHAPES = {
  'trusted_proxies: [unix]': {
    listen: (port: number, path: string) => `[127.0.0.1:${port}, "unix:${path}"]`,
    trusted: 'trusted_proxies: [unix]',
  },
  'a listener that trusts its peers': {
    listen: (port: number, path: string) =>
      `[127.0.0.1:${port}, { at: "unix:${path}", trusts: peer }]`,
    trusted: '',
  },
  'a list of its own for each listener': {
    listen: (port: number, path: string) =>
      `[{ at: "127.0.0.1:${port}", trusts: [] }, { at: "unix:${path}", trusts: [unix] }]`,
    trusted: 'trusted_proxies: [127.0.0.1]',
  },
};

describe.each(Object.entries(SHAPES))('%s', (_, { listen, trusted }) => {
  let app: EchoApp;
  let gateway: Gateway;
  let pair: string;
  beforeAll(async () => {
    app = await startEcho('app');
    gateway = await startGateway({
      listen: ({ port, dir }) => listen(port, join(dir, SOCKET)),
      config: () => `session: { cookie_domains: [gw.test] }
${trusted}
routes:
  - id: office
    host: office.gw.test
    upstream: ${app.origin}
    policies: [{ type: network, any: [10.0.0.0/8] }]
  - { id: app, host: app.gw.test, upstream: "${app.origin}" }
`,
    });
    ({ pair } = await signedIn(gateway, 'alice'));
  });
  afterAll(async () => {
    await gateway.remove();
    await app.close();
  });

  const proxied = (host: string, path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${pair}\r\nX-Forwarded-For: 10.1.2.3\r\nContent-Length: 0\r\n\r\n`;
  const checked = (host: string, path: string): string =>
    `GET /.doorward/check/caddy HTTP/1.1\r\nHost: auth.internal\r\nCookie: ${pair}\r\nX-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Method: POST\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: ${host}\r\nX-Forwarded-Uri: ${path}\r\n\r\n`;
  const KINDS = [
    ['a request to the app', proxied],
    ['a check', checked],
  ] as const;

  const open = (place: 'tcp' | 'unix'): Socket =>
    place === 'tcp' ? connect(gateway.port, '127.0.0.1') : connect(join(gateway.dir, SOCKET));

  const decisions = () => logOf(gateway).filter((line) => 'client_ip' in line);

  /** The status of a request on this connection. */
  const answered = async (socket: Socket, bytes: string): Promise<number | undefined> => {
    let got = '';
    const onData = (chunk: Buffer | string) => (got += chunk.toString('latin1'));
    socket.on('data', onData);
    socket.write(bytes);
    await until('an answer', () => got.includes('\r\n\r\n'));
    socket.off('data', onData);
    return statuses(got)[0];
  };
  /** The status of a request on a new connection, once it is logged. */
  const statusOf = async (place: 'tcp' | 'unix', bytes: string): Promise<number | undefined> => {
    const before = decisions().length;
    const socket = open(place);
    const status = await answered(socket, bytes);
    socket.destroy();
    await until('its line in the log', () => decisions().length > before);
    return status;
  };
  /** Writes the bytes and resets: with SO_LINGER 0, the kernel forgets the address. */
  const resetAfter = (socket: Socket, bytes: string): Promise<void> =>
    new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.write(bytes, () => socket.resetAndDestroy());
    });

  it.each(KINDS)('accepts the proxy’s headers on the Unix socket: %s', async (kind, bytes) => {
    app.seen.length = 0;
    expect(await statusOf('unix', bytes('office.gw.test', '/orderly'))).toBe(200);
    expect(app.seen.length).toBe(kind === 'a request to the app' ? 1 : 0);
  });

  it.each(KINDS)('ignores the headers of a client on TCP: %s', async (_kind, bytes) => {
    app.seen.length = 0;
    expect(await statusOf('tcp', bytes('office.gw.test', '/orderly'))).toBe(403);
    expect(app.seen).toEqual([]);
  });

  it.each(KINDS)(
    `TRUST-rst: ${ROUNDS} reset connections give no access: %s`,
    async (_kind, bytes) => {
      app.seen.length = 0;
      const before = decisions().length;
      for (let round = 0; round < ROUNDS; round += 1) {
        const socket = open('tcp');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        // For every third, the test knows that it was accepted and read before the reset.
        if (round % 3 === 0) {
          expect(await answered(socket, bytes('office.gw.test', '/before'))).toBe(403);
        }
        await resetAfter(socket, bytes('office.gw.test', '/reset'));
      }
      // Connections are accepted in order: after this reply, none of the above is pending.
      expect(await statusOf('tcp', bytes('office.gw.test', '/last'))).toBe(403);
      await until('all lines', () => decisions().length > before + ROUNDS / 3 + 1);
      const made = decisions().slice(before);
      expect(app.seen).toEqual([]);
      expect(new Set(made.map((line) => line['client_ip']))).toEqual(new Set(['127.0.0.1']));
    },
  );
});
