/**
 * Replies reveal no internals, lead to no other host than the configured ones, and contain nothing
 * of a denied page.
 */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, FETCH, NAVIGATION } from '../support/client.ts';
import { answersOf, sendRaw, statuses } from '../support/raw.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { type EchoApp, startEcho, startWorld, type World } from './fixture.ts';
import { valuesOf } from './probes.ts';

let world: World;
let redis: RedisServer;
let internal: EchoApp;
let silent: Server;
let closedPort: number;
beforeAll(async () => {
  redis = await startRedis({ persist: true });
  internal = await startEcho('internal');
  silent = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
  });
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  closedPort = await freePort();
  world = await startWorld({
    trusted: false,
    state: redis.url,
    env: { DOORWARD_SESSION__SECRETS: 'e1f6a2c4-7b3d-4d19-8f50-92ab6c0d4e77' },
    routes: () => [
      `{ id: down, host: down.gw.test, upstream: "http://127.0.0.1:${closedPort}" }`,
      `{ id: silent, host: silent.gw.test, upstream: "http://127.0.0.1:${(silent.address() as AddressInfo).port}", timeout: 1s }`,
      `{ id: open, host: open.gw.test, upstream: "http://127.0.0.1:${closedPort}", paths: [{ path: /public/**, public: true }] }`,
    ],
  });
});
afterAll(async () => {
  redis.resume();
  await world.close();
  await internal.close();
  silent.close();
  await redis.stop();
});

function raw(lines: readonly string[], body = ''): Promise<string> {
  return sendRaw(world.gateway.port, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`);
}

describe('error replies', () => {
  it('CONF-errors: reveal no stack trace, version, internal address or platform', async () => {
    const { gateway } = world;
    const { client, pair } = await world.signIn('alice');
    const portal = `auth.gw.test:${gateway.port}`;
    const wanted: [number, string[], string?][] = [
      [400, ['GET /%c0%af HTTP/1.1', 'Host: app.gw.test']],
      [400, ['GET / HTTP/1.1', 'Host: a b']],
      [400, ['NONSENSE']],
      [401, ['GET / HTTP/1.1', 'Host: app.gw.test', 'Sec-Fetch-Mode: cors']],
      [302, ['GET / HTTP/1.1', 'Host: app.gw.test', 'Sec-Fetch-Mode: navigate']],
      [403, ['GET /admin/ HTTP/1.1', 'Host: app.gw.test', `Cookie: ${pair}`]],
      [403, ['GET /.doorward/check/nginx HTTP/1.1', 'Host: app.gw.test']],
      [404, ['GET /nothing HTTP/1.1', `Host: ${portal}`]],
      [404, ['GET /flow/nothing HTTP/1.1', `Host: ${portal}`]],
      [405, ['TRACE / HTTP/1.1', 'Host: app.gw.test']],
      [405, ['DELETE /flow/login HTTP/1.1', `Host: ${portal}`]],
      [413, ['POST /flow/login HTTP/1.1', `Host: ${portal}`, 'Content-Length: 100000']],
      [414, [`GET /${'x'.repeat(9000)} HTTP/1.1`, 'Host: app.gw.test']],
      [
        415,
        [
          'POST /flow/login HTTP/1.1',
          `Host: ${portal}`,
          'Content-Length: 1',
          'Content-Type: text/x',
        ],
        'x',
      ],
      [417, ['GET / HTTP/1.1', 'Host: app.gw.test', 'Expect: the-unexpected']],
      [421, ['GET / HTTP/1.1', 'Host: nowhere.gw.test']],
      [431, ['GET / HTTP/1.1', 'Host: app.gw.test', `X: ${'x'.repeat(40_000)}`]],
      [502, ['GET / HTTP/1.1', 'Host: down.gw.test', `Cookie: ${pair}`]],
      [504, ['GET / HTTP/1.1', 'Host: silent.gw.test', `Cookie: ${pair}`]],
    ];
    const inner = new RegExp(
      [
        String.raw`\bat [\w.<>]+ \(|node:|node_modules|\.ts\b|\.js:\d|/home/|/src/|/tmp/`,
        `127\\.0\\.0\\.1|:${closedPort}\\b|:${redis.port}\\b|redis|undici|ECONN|hono|sqlite`,
        String.raw`doorward/\d|\b0\.\d+\.\d+\b|\bv?2[46]\.\d+`,
      ].join('|'),
      'i',
    );
    const evaluate = (status: number, answer: string): void => {
      expect(answer, String(status)).not.toMatch(/^(?:server|x-powered-by|via):/im);
      // The peer's own address is shown to that peer alone, with a remedy.
      const body = answer.replace('127.0.0.1 may not ask for others', '');
      expect(body.replaceAll(/\/assets\/doorward-\w+\.js/g, ''), String(status)).not.toMatch(inner);
    };
    for (const [status, lines, body] of wanted) {
      for (const accept of ['text/html', 'application/json']) {
        const reply = await raw([...lines, `Accept: ${accept}`], body);
        expect(statuses(reply), lines[0]?.slice(0, 60)).toEqual([status]);
        evaluate(status, reply);
      }
    }
    await client.open(gateway.portal);
    redis.pause();
    try {
      await until('the state is missed', async () => {
        const lines = ['GET / HTTP/1.1', 'Host: app.gw.test', `Cookie: ${pair}`];
        const reply = await raw([...lines, 'Accept: text/html']);
        if (statuses(reply)[0] !== 503) return false;
        evaluate(503, reply);
        return true;
      });
      evaluate(
        503,
        await raw(['POST /flow/login HTTP/1.1', `Host: ${portal}`, 'Content-Length: 0']),
      );
    } finally {
      redis.resume();
    }
    await until('well again', async () => {
      const reply = await raw(['GET / HTTP/1.1', 'Host: app.gw.test', `Cookie: ${pair}`]);
      return statuses(reply)[0] === 200;
    });
  });
});

describe('requests without a session', () => {
  it('CONF-401-vs-302: are redirected to sign in if they are navigations, and get a 401 otherwise', async () => {
    const url = `${world.gateway.app('app')}/inside?a=1`;
    world.app.seen.length = 0;
    const cases: [number, Record<string, string>, string][] = [
      [302, NAVIGATION, 'GET'],
      [302, { accept: 'text/html' }, 'GET'],
      [302, NAVIGATION, 'HEAD'],
      [303, NAVIGATION, 'POST'],
      [303, NAVIGATION, 'PUT'],
      [401, FETCH, 'GET'],
      [401, FETCH, 'POST'],
      [401, { accept: 'application/json' }, 'GET'],
      [401, { accept: '*/*' }, 'GET'],
      [401, {}, 'GET'],
      [401, { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }, 'GET'],
      [401, { accept: 'text/html', 'sec-fetch-mode': 'cors' }, 'GET'],
      [401, { accept: 'text/html', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 'GET'],
    ];
    for (const [status, headers, method] of cases) {
      const body = method === 'POST' || method === 'PUT' ? { body: 'secret=of-the-form' } : {};
      const answer = await new Client().send(url, { method, headers, ...body });
      const what = `${method} ${JSON.stringify(headers)}`;
      expect(answer.status, what).toBe(status);
      expect(answer.location + answer.body, what).not.toContain('of-the-form');
      if (status === 401)
        expect(JSON.parse(answer.body).login_url, what).toContain('/flow/login?rd=');
      else expect(answer.location, what).toContain('/flow/login?rd=');
    }
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    const socket = await sendRaw(
      world.gateway.port,
      `GET /app/ws HTTP/1.1\r\nHost: app.gw.test\r\n${upgrade.join('\r\n')}\r\n\r\n`,
    );
    expect(statuses(socket)).toEqual([401]);
    const preflight = await new Client().send(url, {
      method: 'OPTIONS',
      headers: { origin: 'https://x.invalid', 'access-control-request-method': 'POST' },
    });
    expect([401, 403]).toContain(preflight.status);
    expect(world.app.seen).toEqual([]);
  });

  it('CONF-post-leak: get nothing of the app with a challenge or a denial', async () => {
    const { pair } = await world.signIn('alice');
    world.app.seen.length = 0;
    for (const [target, cookie] of [
      ['/inside', 'x=y'],
      ['/admin/secret', pair],
    ] as const) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
        for (const accept of ['text/html', '*/*']) {
          const head = [
            `${method} ${target} HTTP/1.1`,
            'Host: app.gw.test',
            `Cookie: ${cookie}`,
            `Accept: ${accept}`,
          ];
          const body = method === 'POST' || method === 'PUT' ? 'a=b' : '';
          const answers = answersOf(await raw([...head, `Content-Length: ${body.length}`], body));
          expect(answers, `${method} ${target}`).toHaveLength(1);
          expect([302, 303, 401, 403]).toContain(answers[0]?.status);
          expect(answers[0]?.head).not.toMatch(/x-upstream/i);
          expect(answers[0]?.body).not.toContain('"mark"');
        }
      }
    }
    expect([...world.app.seen, ...world.admin.seen]).toEqual([]);
  });
});

describe('the target of a request', () => {
  it('CONF-upstream-ssrf: is the configured upstream alone, whatever the request names', async () => {
    const { pair } = await world.signIn('bob');
    const inside = new URL(internal.origin).host;
    const cookie = `Cookie: ${pair}`;
    const requests = [
      [`GET ${internal.origin}/x HTTP/1.1`, 'Host: app.gw.test', cookie],
      [`GET ${internal.origin}/x HTTP/1.1`, `Host: ${inside}`, cookie],
      [`GET http://app.gw.test@${inside}/x HTTP/1.1`, 'Host: app.gw.test', cookie],
      [`GET //${inside}/x HTTP/1.1`, 'Host: app.gw.test', cookie],
      [`GET /\\${inside}/x HTTP/1.1`, 'Host: app.gw.test', cookie],
      [`GET @${inside}/x HTTP/1.1`, 'Host: app.gw.test', cookie],
      [`CONNECT ${inside} HTTP/1.1`, 'Host: app.gw.test', cookie],
      ...[`//${inside}/x`, `/\\${inside}/x`].map((target) => [
        `GET ${target} HTTP/1.1`,
        'Host: app.gw.test',
        cookie,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]),
      ['GET / HTTP/1.1', `Host: ${inside}`, cookie],
      ['GET / HTTP/1.1', 'Host: 169.254.169.254', cookie],
      ['GET / HTTP/1.1', 'Host: localhost', cookie],
      ['GET / HTTP/1.1', 'Host: [::1]', cookie],
      ...[
        'X-Forwarded-Host',
        'X-Forwarded-Server',
        'X-Host',
        'X-Original-Host',
        'X-Real-Host',
        'Forwarded',
        'X-Forwarded-Uri',
        'X-Original-URL',
        'X-Rewrite-URL',
      ].map((name) => [
        'GET /mine HTTP/1.1',
        'Host: app.gw.test',
        cookie,
        `${name}: ${name === 'Forwarded' ? `host=${inside}` : inside}`,
      ]),
    ];
    for (const lines of requests) {
      world.app.seen.length = 0;
      const [answer] = answersOf(await raw(lines));
      expect([101, 200, 400, 403, 404, 405, 421], lines.join(' | ')).toContain(answer?.status);
      if (answer?.status === 200 || answer?.status === 101) {
        const target = lines[0]?.split(' ')[1];
        expect(world.app.seen.map((seen) => seen.target)).toEqual([target]);
        expect(target).toMatch(/^\//);
        // The headers from which apps read the client's address are ours; others are between client
        // and app.
        for (const name of [
          'X-Forwarded-Host',
          'X-Forwarded-Uri',
          'X-Forwarded-Server',
          'Forwarded',
          'X-Original-URL',
          'X-Rewrite-URL',
        ]) {
          for (const value of valuesOf(world.app.seen[0]?.rawHeaders ?? [], name)) {
            expect(value, name).not.toContain(inside);
          }
        }
      } else expect(world.app.seen).toEqual([]);
    }
    expect(internal.seen).toEqual([]);
  });

  it('CONF-router-substr: is the route of exactly that host, or none', async () => {
    const { pair } = await world.signIn('bob');
    world.app.seen.length = 0;
    world.admin.seen.length = 0;
    const near = [
      'evilapp.gw.test',
      'app.gw.testx',
      'app.gw.test.evil',
      'xapp.gw.test',
      'app.gw.tes',
      'pp.gw.test',
      'app-gw.test',
      'app.gw-test',
      'sub.app.gw.test',
      'gw.test',
      'app',
      '.app.gw.test',
      'app.gw.test..',
      'app_gw.test',
      'ａpp.gw.test',
      'app.gw.test%00',
      'app.gw.test,evil',
      'authx.gw.test',
      'x.auth.gw.test',
      'x1200.gw.test',
      'constructor',
      '__proto__',
    ];
    for (const host of near) {
      const bytes = Buffer.from(host, 'utf8').toString('latin1');
      const codes = statuses(
        await raw(['GET /public/x HTTP/1.1', `Host: ${bytes}`, `Cookie: ${pair}`]),
      );
      expect([[400], [421]], host).toContainEqual(codes);
    }
    expect([...world.app.seen, ...world.admin.seen]).toEqual([]);
    for (const host of ['APP.gw.test', 'app.gw.test.', `app.gw.test:${world.gateway.port}`]) {
      expect(statuses(await raw(['GET /public/x HTTP/1.1', `Host: ${host}`])), host).toEqual([200]);
    }
  });
});
