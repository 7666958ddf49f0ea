/**
 * The same probes, sent by a trusted proxy to each check endpoint: what a careless proxy forwards
 * must not give access, and an allow carries only our own identity headers.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';
import { closing, fill, type RequestProbe, requestProbes } from './probes.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: true });
});
afterAll(async () => {
  await world.close();
});

/** A check's start line and headers. */
type Asks = (method: string, host: string, target: string) => readonly [string, ...string[]];

const ASKS: Record<string, Asks> = {
  nginx: (method, host, target) => [
    'GET /.doorward/check/nginx HTTP/1.1',
    'Host: auth.internal',
    `X-Original-URL: http://${host}${target}`,
    `X-Original-Method: ${method}`,
    'X-Forwarded-For: 203.0.113.9',
  ],
  traefik: forwarded('traefik'),
  caddy: forwarded('caddy'),
  envoy: (method, host, target) => [
    `${method} /.doorward/check/envoy${target} HTTP/1.1`,
    `Host: ${host}`,
    'X-Forwarded-Proto: http',
    'X-Forwarded-For: 203.0.113.9',
  ],
};

function forwarded(dialect: string): Asks {
  return (method, host, target) => [
    `GET /.doorward/check/${dialect} HTTP/1.1`,
    'Host: auth.internal',
    `X-Forwarded-Method: ${method}`,
    'X-Forwarded-Proto: http',
    `X-Forwarded-Host: ${host}`,
    `X-Forwarded-Uri: ${target}`,
    'X-Forwarded-For: 203.0.113.9',
  ];
}

/** A probe as the proxy would forward it. */
async function ask(dialect: string, probe: RequestProbe): Promise<string> {
  const { method, target, headers } = probe.request;
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host').map(([, value]) => value);
  const others = headers.filter(([name]) => name.toLowerCase() !== 'host');
  const lines = [
    ...(ASKS[dialect] as Asks)(method, hosts.join(', '), target),
    ...others.map(([name, value]) => `${name}: ${value}`),
  ];
  const bytes = `${lines.join('\r\n')}\r\n${closing(probe)}\r\n`;
  return sendRaw(world.gateway.port, await fill(bytes, world.cookieOf));
}

const GUARDED = ['path-confusion', 'host-confusion', 'method', 'forwarded-header-trust'];
const guarded = requestProbes.filter(
  (p) =>
    GUARDED.includes(p.class) &&
    !p.request.target.startsWith('/.gw/') &&
    p.id !== 'HOST-xfh-untrusted',
);
const spoofed = requestProbes.filter((p) => /^(IDH|HOP|COOK)-/.test(p.id));

describe.each(Object.keys(ASKS))('a check by %s', (dialect) => {
  it.each(guarded)('$id is not allowed', async (probe) => {
    const raw = await ask(dialect, probe);
    for (const code of statuses(raw))
      expect([301, 302, 303, 400, 401, 403, 404, 405, 414, 421, 431], raw).toContain(code);
  });

  it.each(spoofed)('$id names no other user', async (probe) => {
    const raw = await ask(dialect, probe);
    const [code] = statuses(raw);
    expect(code, raw).toBeLessThan(500);
    if (code !== 200) return;
    const user = [...raw.matchAll(/^remote-user: ?(.*)\r$/gim)].map((match) => match[1]);
    expect(user).toHaveLength(1);
    expect(['alice', 'evil', '']).toContain(user[0]);
    for (const name of ['remote-groups', 'remote-name', 'remote-email']) {
      expect(raw.toLowerCase().split(`\r\n${name}:`)).toHaveLength(2);
    }
    expect(raw).not.toMatch(/^remote-groups: ?admins/im);
    expect(raw).not.toMatch(/^x-injected/im);
  });
});

describe('a check never upgrades, whatever the request asks for', () => {
  const cases = Object.keys(ASKS).flatMap((dialect) =>
    ['websocket', 'WebSocket', 'h2c', 'foo'].flatMap((token) =>
      // Caddy sends the client's own Host.
      (dialect === 'caddy' ? ['app.gw.test', 'auth.internal'] : ['auth.internal']).map(
        (host) => [dialect, token, host] as const,
      ),
    ),
  );

  it.each(cases)('GEN-caddy-upgrade: %s with Upgrade: %s at %s', async (dialect, token, host) => {
    const askAs = async (user: string): Promise<string> => {
      const cookie = await world.cookieOf(user);
      world.app.seen.length = 0;
      const [start, , ...others] = (ASKS[dialect] as Asks)('GET', 'app.gw.test', '/admin/secret');
      const lines = [
        start,
        // Envoy's Host is the app's, since its check is the request itself.
        `Host: ${dialect === 'envoy' ? 'app.gw.test' : host}`,
        ...others,
        `Cookie: ${cookie}`,
        'Connection: Upgrade',
        `Upgrade: ${token}`,
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ];
      return sendRaw(world.gateway.port, [...lines, '', ''].join('\r\n'));
    };
    expect(statuses(await askAs('alice'))).toEqual([403]);
    const allowed = await askAs('bob');
    expect(statuses(allowed)).toEqual([200]);
    expect(allowed).toMatch(/^remote-user: bob\r$/im);
    expect(allowed).not.toContain('X-Upstream');
    expect(world.app.seen).toEqual([]);
  });
});

describe('a browser behind a trusted proxy, in front of proxy mode', () => {
  /** What this proxy passes on: the browser's Host and fields, with the client's address. */
  const passedOn = async (dialect: string, host: string, about: string): Promise<string> => {
    const asks = ASKS[dialect] ?? forwarded(dialect);
    const [start, , ...others] = asks('GET', about, '/admin/secret');
    const lines = [start, `Host: ${host}`, ...others, `Cookie: ${await world.cookieOf('bob')}`];
    return sendRaw(world.gateway.port, [...lines, '', ''].join('\r\n'));
  };

  it.each([
    ['nginx', 'app.gw.test', 'app.gw.test'],
    ['nginx', 'APP.gw.test.', 'app.gw.test'],
    ['nginx', 'admin.gw.test', 'app.gw.test'],
    ['nginx', 'auth.gw.test', 'app.gw.test'],
    ['traefik', 'app.gw.test', 'app.gw.test'],
    ['traefik', 'admin.gw.test', 'app.gw.test'],
    ['traefik', 'auth.gw.test', 'app.gw.test'],
    ['caddy', 'admin.gw.test', 'app.gw.test'],
    ['caddy', 'auth.gw.test', 'app.gw.test'],
    ['caddy', 'auth.gw.test:80', 'app.gw.test'],
    ['haproxy', 'admin.gw.test', 'app.gw.test'],
  ])('gets no check by %s at %s about %s', async (dialect, host, about) => {
    const raw = await passedOn(dialect, host, about);
    expect([statuses(raw), raw.includes('check/host')]).toEqual([[403], true]);
    expect(raw).not.toMatch(/^remote-user:/im);
  });

  it.each([
    ['nginx', 'doorward'],
    ['traefik', 'doorward'],
    ['caddy', 'app.gw.test'],
    ['envoy', 'app.gw.test'],
    ['haproxy', 'app.gw.test'],
  ])('differs from a check by %s at %s', async (dialect, host) => {
    const raw = await passedOn(dialect, host, 'app.gw.test');
    expect([statuses(raw), /^remote-user: bob\r$/im.test(raw)]).toEqual([[200], true]);
  });
});

describe('the check endpoint', () => {
  const endpoint = requestProbes.filter((probe) => probe.request.target.startsWith('/.gw/'));

  it.each(endpoint)('$id, bare and completed', async (probe) => {
    const lines = probe.request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const extra =
      'X-Forwarded-Method: GET\r\nX-Forwarded-Proto: http\r\nX-Forwarded-For: 203.0.113.9\r\n';
    for (const more of ['', extra]) {
      for (const dialect of ['traefik', 'caddy', 'nginx', 'envoy']) {
        const raw = await sendRaw(
          world.gateway.port,
          `GET /.doorward/check/${dialect} HTTP/1.1\r\n${lines}${more}Connection: close\r\n\r\n`,
        );
        for (const code of statuses(raw))
          expect([302, 303, 400, 401, 403, 404, 421], raw).toContain(code);
      }
    }
  });

  it.each(Object.keys(ASKS))(
    'replies to a check by %s before its body has arrived, and reads little of it',
    async (dialect) => {
      const [start, ...lines] = (ASKS[dialect] as Asks)('POST', 'app.gw.test', '/app/x');
      const head = [start, ...lines, 'Content-Length: 100000000000', '', ''].join('\r\n');
      const socket = connect(world.gateway.port, '127.0.0.1');
      const closed = new Promise((resolve) => socket.once('close', resolve));
      let text = '';
      let sent = 0;
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      socket.on('error', () => socket.destroy());
      socket.write(head);
      await until('it is refused', () => text.includes('\r\n\r\n'));
      const zeros = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (socket.writable && socket.write(zeros)) sent += zeros.length;
        sent += zeros.length;
      };
      socket.on('drain', more);
      more();
      await closed;
      expect(text).toMatch(/^HTTP\/1\.1 401 /);
      // What the buffers of both sockets hold, and 256 KiB.
      expect(sent).toBeLessThan(64 * 1024 * 1024);
    },
  );

  it('refuses an untrusted peer, whatever its headers say', async () => {
    const closed = await startWorld({ trusted: false });
    try {
      for (const asks of Object.values(ASKS)) {
        const lines = asks('GET', 'app.gw.test', '/public/ok').join('\r\n');
        const raw = await sendRaw(closed.gateway.port, `${lines}\r\n\r\n`);
        expect(statuses(raw)).toEqual([403]);
        expect(raw).toContain('trusted_proxies');
      }
    } finally {
      await closed.close();
    }
  });
});
