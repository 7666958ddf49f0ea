/**
 * Slow, large and endless input is always cut off, uses little memory, and does not delay other
 * users.
 */
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { type SpawnedGateway, spawnGateway } from '../support/gateway.ts';
import { answersOf, sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { type App, startApp } from '../support/upstreams.ts';
import { metric, startWorld, type World } from './fixture.ts';

const MIB = 1 << 20;

let world: World;
let spawned: SpawnedGateway;
/** Responds with more data than is read, or with data that expands enormously. */
let large: App;
/** Reads the whole request, and responds at its end. */
let sink: App;
let stalled = { bytes: 0, waiting: 0 };
const bomb = gzipSync(Buffer.alloc(64 * MIB));
beforeAll(async () => {
  large = await startApp((request, response) => {
    if (request.url?.startsWith('/bomb') === true) {
      const encoding = Array.from({ length: 6 }, () => 'gzip').join(', ');
      response.writeHead(200, { 'Content-Encoding': encoding, 'Content-Length': bomb.length });
      response.end(bomb);
      return;
    }
    response.writeHead(200, { 'Content-Length': 1024 * MIB });
    const piece = Buffer.alloc(256 * 1024);
    const pour = (): void => {
      stalled.waiting -= 1;
      while (!response.destroyed) {
        stalled.bytes += piece.length;
        if (!response.write(piece)) break;
      }
      stalled.waiting += 1;
    };
    stalled.waiting += 1;
    response.on('drain', pour);
    response.on('error', () => undefined);
    pour();
  });
  sink = await startApp();
  world = await startWorld({
    trusted: false,
    start: async (options) => (spawned = await spawnGateway(options)),
    env: { NODE_OPTIONS: '--max-old-space-size=256' },
    routes: () => [
      `{ id: large, host: large.gw.test, upstream: "${large.url}", paths: [{ path: /public/**, public: true }] }`,
      `{ id: sink, host: sink.gw.test, upstream: "${sink.url}", paths: [{ path: /public/**, public: true }] }`,
      `{ id: regex, host: regex.gw.test, upstream: "${sink.url}", policies: [{ type: expression, when: 're(request.path, "^(/(a+)+)+$") || re(request.query, "(x+x+)+y")' }] }`,
    ],
  });
});
afterAll(async () => {
  await world.close();
  await large.close();
  await sink.close();
});

/** Another user, who is served normally. */
async function healthy(): Promise<number> {
  const url = `${world.gateway.app('app')}/public/ok`;
  return (await new Client().send(url, { headers: FETCH })).status;
}

interface Drip {
  readonly isClosed: () => boolean;
  readonly got: () => string;
  readonly end: () => void;
}

/** A connection that sends its head, then one byte every half second until it is closed. */
function drip(head: string, byte = 'a'): Drip {
  const socket: Socket = connect(world.gateway.port, '127.0.0.1');
  let got = '';
  let isClosed = false;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (got += chunk.toString('latin1')));
  socket.write(head);
  const timer = setInterval(() => void socket.write(byte), 500);
  socket.on('close', () => {
    isClosed = true;
    clearInterval(timer);
  });
  return {
    isClosed: () => isClosed,
    got: () => got,
    end: () => void socket.destroy(),
  };
}

const post = (host: string, path: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10000\r\nContent-Type: application/x-www-form-urlencoded\r\n${more}\r\n`;

const memory = () => metric(world.gateway, 'process_resident_memory_bytes');

const LONG = 60_000;

describe.concurrent('slow clients', () => {
  it('DOS-slowloris-hdr: are cut off if their head never ends', { timeout: LONG }, async () => {
    const drips = Array.from({ length: 400 }, () =>
      drip('GET /public/x HTTP/1.1\r\nHost: app.gw.test\r\nX-Slow: '),
    );
    try {
      await until(
        'all are cut off',
        async () => {
          expect(await healthy()).toBe(200);
          return drips.every(({ isClosed }) => isClosed());
        },
        40_000,
      );
      expect(world.app.seen.some(({ target }) => target === '/public/x')).toBe(false);
    } finally {
      for (const { end } of drips) end();
    }
  });

  it('DOS-slow-body: are cut off if their body never ends, and anonymous bodies never reach an app', {
    timeout: LONG,
  }, async () => {
    const { port } = world.gateway;
    const { pair } = await world.signIn('alice');
    const groups = {
      portal: Array.from({ length: 60 }, () => drip(post(`auth.gw.test:${port}`, '/flow/login'))),
      strangers: Array.from({ length: 60 }, () => drip(post('sink.gw.test', '/inside'))),
      // Far more than one address may have in progress: the rest wait and never reach the app.
      public: Array.from({ length: 100 }, () => drip(post('sink.gw.test', '/public/up'))),
      signedIn: Array.from({ length: 10 }, () =>
        drip(post('sink.gw.test', '/own', `Cookie: ${pair}\r\n`)),
      ),
    };
    const all = Object.values(groups).flat();
    let most = 0;
    try {
      await until('the app has them', () => sink.connections().open >= 26);
      await until(
        'all are cut off',
        async () => {
          most = Math.max(most, sink.connections().open);
          expect(await healthy()).toBe(200);
          return all.every(({ isClosed }) => isClosed());
        },
        50_000,
      );
      const told = (drips: readonly Drip[]) => new Set(drips.flatMap(({ got }) => statuses(got())));
      expect(told(groups.portal)).toEqual(new Set([408]));
      expect(told(groups.strangers)).toEqual(new Set([401]));
      expect(told(groups.public)).toEqual(new Set([408, 503]));
      expect(told(groups.signedIn)).toEqual(new Set([408]));
      expect(most).toBeLessThanOrEqual(26);
      expect(sink.seen.some(({ url }) => url === '/inside')).toBe(false);
      // The app is available to others again.
      const after = await new Client().send(`${world.gateway.app('sink')}/public/x`, {
        headers: FETCH,
      });
      expect(after.status).toBe(200);
    } finally {
      for (const { end } of all) end();
    }
  });

  it('DOS-slow-read: leave a response waiting at the app instead of in memory', {
    timeout: LONG,
  }, async () => {
    const before = await memory();
    const sockets = Array.from({ length: 24 }, () => {
      const socket = connect(world.gateway.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.pause();
      socket.write('GET /public/huge HTTP/1.1\r\nHost: large.gw.test\r\n\r\n');
      return socket;
    });
    try {
      let last = -1;
      let still = 0;
      await until('all of it stands still', () => {
        still = stalled.bytes === last && stalled.waiting === sockets.length ? still + 1 : 0;
        last = stalled.bytes;
        return still >= 50;
      });
      // Only the sockets in between fill with data in transit.
      expect(stalled.bytes).toBeLessThan(sockets.length * 32 * MIB);
      expect((await memory()) - before).toBeLessThan(160 * MIB);
      expect(await healthy()).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await until('the app is let go', () => large.connections().open === 0);
  });
});

describe('large messages', () => {
  it('DOS-hdr-size: are refused if the head exceeds the limit, and the connection is closed', async () => {
    const { port } = world.gateway;
    const head = 'GET /public/x HTTP/1.1\r\nHost: app.gw.test\r\n';
    const floods = {
      'one line': `X: ${'x'.repeat(33 * 1024)}\r\n`,
      'all lines': `X: ${'x'.repeat(4000)}\r\n`.repeat(16),
      'many lines': 'x: y\r\n'.repeat(2_000),
      'more lines than 128': 'x: y\r\n'.repeat(130),
      'names alone': `${'n'.repeat(20_000)}: y\r\n`.repeat(2),
    };
    for (const [name, flood] of Object.entries(floods)) {
      // Reads to the end; if the connection stayed open, this would never resolve.
      const raw = await sendRaw(port, `${head}${flood}\r\n`, { quiet: 20_000, longest: 20_000 });
      expect(
        answersOf(raw).map(({ status }) => [400, 431].includes(status)),
        name,
      ).toEqual([true]);
      expect(raw, name).toMatch(/^connection: close\r$/im);
    }
    expect(await healthy()).toBe(200);
  });

  it('DOS-gzip-bomb-req: are not decompressed in requests', async () => {
    const { portal } = world.gateway;
    const headers = { origin: portal, 'content-encoding': 'gzip' };
    const types = {
      '/flow/login': 'application/x-www-form-urlencoded',
      '/api/flow/login': 'application/json',
    };
    for (const [path, type] of Object.entries(types)) {
      for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip', 'zstd']) {
        const answer = await new Client().send(portal + path, {
          method: 'POST',
          headers: { ...headers, 'content-type': type, 'content-encoding': encoding },
          body: 'x'.repeat(20_000),
        });
        expect(answer.status, encoding).toBe(415);
      }
    }
    const host = `Host: sink.gw.test\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\nConnection: close\r\n\r\n`;
    const bytes = Buffer.concat([Buffer.from(`POST /public/packed HTTP/1.1\r\n${host}`), bomb]);
    expect(statuses(await sendRaw(world.gateway.port, bytes, { quiet: 2_000 }))).toEqual([200]);
    const got = sink.seen.find(({ url }) => url === '/public/packed');
    expect(got?.body.equals(bomb)).toBe(true);
    expect(got?.values('content-encoding')).toEqual(['gzip']);
  });

  it('DOS-gzip-bomb-resp: are forwarded unchanged in responses', async () => {
    const before = await memory();
    const lines = 'GET /bomb HTTP/1.1\r\nHost: large.gw.test\r\nConnection: close\r\n\r\n';
    const { pair } = await world.signIn('alice');
    const raw = await sendRaw(
      world.gateway.port,
      lines.replace('\r\n\r\n', `\r\nCookie: ${pair}\r\n\r\n`),
      { quiet: 2_000 },
    );
    const [answer] = answersOf(raw);
    expect(answer?.status).toBe(200);
    expect(answer?.head).toMatch(/^content-encoding: gzip, gzip, gzip, gzip, gzip, gzip$/im);
    expect(Buffer.from(answer?.body ?? '', 'latin1').equals(bomb)).toBe(true);
    const after = await memory();
    expect(after - before).toBeLessThan(48 * MIB);
  });
});

describe('malformed input', () => {
  it('DOS-url-malformed-crash: is refused if it is no valid URL, and the gateway continues', async () => {
    const { port } = world.gateway;
    const hosts = [
      'http://[',
      '[',
      '[::1',
      '[::1%25eth0]',
      'xn--\0',
      'xn--',
      'xn--a',
      'a..b',
      ':',
      ':80',
      'a:b',
      'a:99999999999',
      'a:-1',
      '%',
      '%zz',
      '\xff\xfe',
      'ａ'.repeat(3),
      'x'.repeat(300),
      '*',
      '.',
      '-',
      'a b',
      '@',
      'a@',
      ' ',
      '',
      'app.gw.test:1e3',
      'app.gw.test:０',
    ];
    const targets = [
      'http://[',
      'http://',
      '//',
      '///',
      '*',
      '?',
      '#',
      '/#',
      '/%',
      '/%zz',
      '/%ff%fe',
      '/\xff',
      '\\',
      'javascript:x',
      'http://app.gw.test:99999/',
      '/a?%',
      '/?\xff',
      `/${'%41'.repeat(3000)}`,
      '/.doorward/check/',
      '/.doorward/check/%',
      '/.doorward/check/nginx/..',
      '/flow/%ff',
      '/flow/',
      '/api/flow/%',
    ];
    const requests = [
      ...hosts.map((host) => ['/', Buffer.from(host, 'utf8').toString('latin1')]),
      ...targets.flatMap((target) =>
        ['app.gw.test', `auth.gw.test:${port}`].map((host) => [target, host]),
      ),
    ];
    for (const [target = '', host = ''] of requests) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const raw = await sendRaw(
          port,
          `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        for (const code of statuses(raw))
          expect(code, `${method} ${target} ${host}`).toBeLessThan(500);
      }
      const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n`;
      const raw = await sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n`);
      expect(statuses(raw), `upgrade ${target} ${host}`).not.toContain(101);
    }
    expect(await healthy()).toBe(200);
    expect(spawned.process().exitCode).toBeNull();
  });

  it('FLOW-redos: does not delay a regular expression', async () => {
    const { gateway } = world;
    const { pair } = await world.signIn('alice');
    const cookie = { ...FETCH, cookie: pair };
    // Each of these keeps a backtracking matcher busy for longer than the test timeout.
    const paths = [`/${'a'.repeat(3900)}!`, `/${'a/'.repeat(1900)}!`, `/b?${'x'.repeat(3900)}`];
    for (const path of paths) {
      const answer = await new Client().send(gateway.app('regex') + path, { headers: cookie });
      expect(answer.status, path.slice(0, 20)).toBe(403);
    }
    const longer = await new Client().send(`${gateway.app('regex')}/${'a'.repeat(7900)}!`, {
      headers: cookie,
    });
    expect(longer.status).toBe(403);
    const crafted = [
      'a'.repeat(30_000),
      'a@'.repeat(15_000),
      `${' '.repeat(30_000)}x`,
      `${'a.'.repeat(15_000)}@`,
    ];
    for (const text of crafted) {
      for (const name of [
        'accept',
        'accept-language',
        'user-agent',
        'x-forwarded-for',
        'content-type',
        'referer',
        'origin',
        'cookie',
      ]) {
        const answer = await new Client().send(gateway.portal + '/flow/login', {
          headers: { [name]: text },
        });
        expect(answer.status, name).toBeLessThan(500);
      }
      const page = await new Client().open(`${gateway.portal}/flow/login`);
      const told = await new Client().submit(page, { login: text.slice(0, 250) });
      expect(told.status).toBeLessThan(500);
    }
    expect(await healthy()).toBe(200);
  });
});
