/**
 * A gateway on a real Redis server: what survives, what ends at once, and what happens while Redis
 * is down.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client, FETCH } from '../support/client.ts';
import { type Gateway, PASSWORD, type SpawnedGateway } from '../support/gateway.ts';
import {
  adminStatus,
  askAsNginx,
  dialSocket,
  signInAt,
  spawnBefore,
} from '../support/operations.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

let app: WebApp;
let redis: RedisServer;
let a: SpawnedGateway;
let b: SpawnedGateway;
/** alice, signed in. */
let alice: Client;

beforeAll(async () => {
  [app, redis] = await Promise.all([startWebApp('app'), startRedis({ persist: true })]);
  const options = { state: redis.url };
  [a, b] = await Promise.all([spawnBefore(app.port, options), spawnBefore(app.port, options)]);
});
afterAll(async () => {
  await Promise.all([a?.remove(), b?.remove()]);
  await Promise.all([redis?.stop(), app?.close()]);
});
beforeEach(async () => {
  alice = new Client();
  await signInAt(a, alice, 'alice');
});

const wiki = (gateway: Gateway): Promise<Answer> => alice.open(`${gateway.app('wiki')}/`);
const statusAt = async (gateway: Gateway): Promise<number> => (await wiki(gateway)).status;

/** Our own client of Redis, and what it finds. */
async function withRedis<T>(task: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url);
  try {
    return await task(client);
  } finally {
    client.disconnect();
  }
}

/** Names of all keys except heartbeats, which vary. */
async function keysOf(client: Redis): Promise<readonly string[]> {
  const keys = await client.keys('*');
  return keys.filter((key) => !key.startsWith('doorward:beat:')).sort();
}

/** The value of a key, of any type. */
async function bytesUnder(client: Redis, key: string): Promise<string> {
  const kind = await client.type(key);
  if (kind === 'string') return (await client.getBuffer(key))?.toString('latin1') ?? '';
  if (kind === 'zset') return (await client.zrange(key, '0', '-1', 'WITHSCORES')).join('\n');
  throw new Error(`${key} is a ${kind}: teach this test to read it`);
}

/** Requests to all endpoints of a gateway at once. */
async function expectShut(gateway: Gateway): Promise<void> {
  const before = app.seen.length;
  const page = await wiki(gateway);
  expect(page).toMatchObject({ status: 503 });
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.headers['retry-after']).toMatch(/^\d+$/);
  expect(page.body).toContain(page.headers['x-request-id']);
  const json = await alice.send(`${gateway.app('wiki')}/`, { headers: FETCH });
  expect(json.status).toBe(503);
  expect(JSON.parse(json.body)).toMatchObject({ error: 'store/unavailable' });
  expect((await askAsNginx(gateway, alice)).status).toBeGreaterThanOrEqual(500);
  expect((await alice.open(`${gateway.portal}/`)).status).toBe(503);
  await expect(dialSocket(gateway, alice)).rejects.toThrow('503');
  expect(app.seen.length).toBe(before);
  expect(await adminStatus(gateway, '/readyz')).toBe(503);
  expect(await adminStatus(gateway, '/healthz')).toBe(200);
  // Requests that need no session are served as usual.
  expect((await alice.open(`${gateway.app('open')}/`)).status).toBe(200);
}

/** From now on, every endpoint refuses, although requests continue. */
async function expectStaysShut(gateway: Gateway): Promise<void> {
  for (let i = 0; i < 10; i += 1) expect(await statusAt(gateway)).toBe(503);
}

async function untilServed(): Promise<void> {
  for (const gateway of [a, b]) {
    await until('all is well again', async () => (await statusAt(gateway)) === 200);
    await until('it is ready', async () => (await adminStatus(gateway, '/readyz')) === 200);
  }
}

/**
 * What happens to a first form, and to the password of a user halfway through, while Redis refuses
 * writes; then to requests with the cookies they received; then to the same form again.
 */
async function tryWhile(refuse: () => Promise<unknown>, allow: () => Promise<unknown>) {
  const [late, early] = [new Client(), new Client()];
  const first = await early.follow(`${a.app('wiki')}/`);
  const second = await late.submitAndFollow(await late.follow(`${a.app('wiki')}/`), {
    login: 'carol',
  });
  await refuse();
  let refused: readonly Answer[];
  try {
    refused = [
      await late.submit(second, { password: PASSWORD }),
      await early.submit(first, { login: 'carol' }),
    ];
  } finally {
    await allow();
  }
  const after = [await late.open(`${a.app('wiki')}/`), await early.open(`${a.app('wiki')}/`)];
  await until('the same form works again', async () => {
    return (await late.submitAndFollow(second, { password: PASSWORD })).status === 200;
  });
  return { refused, after: after.map((answer) => answer.status) };
}

/** The refusal is clear, and sets no session cookie. */
const isRefusedPlainly = ({ status, body, headers, cookies }: Answer): boolean =>
  status === 503 &&
  body.includes(headers['x-request-id'] ?? ' none ') &&
  !/\bdoorward=/.test(cookies.join());

describe('sessions in Redis', () => {
  it('survive a restart of the gateway', async () => {
    await a.stop();
    await a.start();
    expect(await statusAt(a)).toBe(200);
  });

  it('are shared by every gateway', async () => {
    expect(await statusAt(b)).toBe(200);
    expect((await askAsNginx(b, alice)).headers['remote-user']).toBe('alice');
  });

  it('end by command, wherever they are used', async () => {
    expect(await statusAt(b)).toBe(200);
    const ran = await a.run(['session', 'revoke', '--user', 'alice']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/^\d+ sessions? ended\n$/);
    for (const gateway of [a, b]) {
      await until('the session is refused', async () => (await statusAt(gateway)) === 302);
      expect((await askAsNginx(gateway, alice)).status).toBe(401);
    }
  });

  it('that are signed out at one gateway end at the other, including websockets', async () => {
    const { closed } = await dialSocket(b, alice);
    expect(await statusAt(b)).toBe(200);
    const page = await alice.follow(`${a.app('wiki')}/.doorward/sign-out`);
    // The test keeps the cookie, as a thief would.
    const cookie = alice.cookieHeader('wiki.gw.test');
    const thief = new Client();
    const [name = '', value = ''] = cookie.split('=', 2);
    thief.setCookie(name, value, 'gw.test');
    expect((await thief.open(`${b.app('wiki')}/`)).status).toBe(200);
    await alice.submitAndFollow(page, {});
    expect(await closed).toBe(1008);
    await until('it is refused at the other', async () => {
      return (await thief.open(`${b.app('wiki')}/`)).status === 302;
    });
    expect((await thief.open(`${a.app('wiki')}/`)).status).toBe(302);
  });

  it('are stored only after a form is submitted', async () => {
    const stranger = new Client();
    await withRedis(async (client) => {
      const before = await keysOf(client);
      const login = await stranger.follow(`${a.app('board')}/x`);
      expect(login.status).toBe(200);
      const urls = [`${a.app('wiki')}/page`, login.url, 'http://unknown.gw.test/', `${a.portal}/`];
      for (let i = 0; i < 500; i += 1) {
        const url = new URL(`${urls[i % urls.length]}`);
        url.port = String(a.port);
        await stranger.send(url.href, { headers: i % 8 < 4 ? FETCH : {}, bare: i % 3 === 0 });
      }
      expect(await keysOf(client)).toEqual(before);
    });
  });

  it('reveal neither names nor passwords nor tickets to a reader of Redis', async () => {
    const page = await new Client().follow(`${a.app('wiki')}/`);
    // A user halfway through, so that a plan is stored as well.
    await new Client().submit(page, { login: 'carol@example.test' }).catch(() => undefined);
    const cookie = alice.cookieHeader('wiki.gw.test').split('=').slice(1).join('=');
    expect(cookie.length).toBeGreaterThan(100);
    await withRedis(async (client) => {
      const keys = await keysOf(client);
      expect(keys.some((key) => key.startsWith('doorward:session:'))).toBe(true);
      let stored = keys.join('\n');
      for (const key of keys) stored += `\n${await bytesUnder(client, key)}`;
      // The plain index has the user's id, which a users file derives from the name.
      stored = stored.replaceAll('"file/alice"', '');
      for (const secret of [cookie, PASSWORD, 'alice', 'carol', 'Example', '"password"']) {
        expect(stored).not.toContain(secret);
      }
    });
  });
});

describe('while Redis is down', () => {
  it('every endpoint refuses; sessions return with it, without a restart', async () => {
    expect(await statusAt(b)).toBe(200);
    const socket = await dialSocket(b, alice);
    const processes = [a.process().pid, b.process().pid];
    await redis.stop();
    for (const gateway of [a, b]) {
      await until('it is noticed', async () => (await statusAt(gateway)) === 503);
      await expectShut(gateway);
    }
    await expectStaysShut(a);
    expect(await socket.closed).toBe(1008);
    await redis.start();
    await untilServed();
    expect([a.process().pid, b.process().pid]).toEqual(processes);
  });

  it('sign-ins are refused, with the time of the next try', async () => {
    const client = new Client();
    const page = await client.follow(`${a.app('wiki')}/deep?x=1`);
    await redis.kill();
    const refused = await client.submit(page, { login: 'carol' });
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    // Opening the page works: it stores nothing.
    expect((await new Client().open(`${a.app('wiki')}/`)).status).toBe(302);
    await redis.start();
    await untilServed();
    // The same form continues where it was.
    const next = await client.submitAndFollow(page, { login: 'carol' });
    const done = await client.submitAndFollow(next, { password: PASSWORD });
    expect(done).toMatchObject({ status: 200, url: `${a.app('wiki')}/deep?x=1` });
  });

  it('a Redis that hangs counts as down', async () => {
    expect(await statusAt(b)).toBe(200);
    redis.pause();
    try {
      await until('it is noticed', async () => (await statusAt(b)) === 503);
      await expectStaysShut(b);
      expect(await adminStatus(b, '/readyz')).toBe(503);
      const ran = await a.run(['session', 'list']);
      expect(ran).toMatchObject({ code: 1, out: '' });
      expect(ran.err).toMatch(/^doorward: .+\n$/);
    } finally {
      redis.resume();
    }
    await untilServed();
  });

  it('a command reports it in one line', async () => {
    await redis.stop();
    const ran = await a.run(['session', 'revoke', '--all']);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/^doorward: .*does not answer.*\n$/);
    expect(ran.err).toContain(`127.0.0.1:${redis.port}`);
    await redis.start();
    await untilServed();
  });

  it('a Redis that returns empty requires every user to sign in again, and works', async () => {
    await withRedis((client) => client.flushall());
    await redis.stop();
    await until('it is noticed', async () => (await statusAt(a)) === 503);
    await redis.start();
    await until('it answers again', async () => (await statusAt(a)) === 302);
    // She came through this flow a moment ago; a minute later, the browser has forgotten it.
    alice.setCookie('doorward-ended', '', 'auth.gw.test', true);
    await signInAt(a, alice, 'alice');
    await until('the other one does, too', async () => (await statusAt(b)) !== 503);
    expect([await statusAt(a), await statusAt(b)]).toEqual([200, 200]);
  });
});

describe('a Redis that refuses writes', () => {
  it('because it is full does not leave a sign-in half done', async () => {
    const tried = await withRedis((client) =>
      tryWhile(
        () => client.config('SET', 'maxmemory', '1'),
        () => client.config('SET', 'maxmemory', '0'),
      ),
    );
    expect(tried.refused.map(isRefusedPlainly)).toEqual([true, true]);
    expect(tried.after).toEqual([302, 302]);
    await until('the log says why', () => a.output().includes('OOM'));
  });

  it('because it is now a replica does not leave a sign-in half done', async () => {
    const tried = await withRedis((client) =>
      tryWhile(
        () => client.replicaof('127.0.0.1', 1),
        () => client.replicaof('NO', 'ONE'),
      ),
    );
    expect(tried.refused.map(isRefusedPlainly)).toEqual([true, true]);
    expect(tried.after).toEqual([302, 302]);
    await until('the log says why', () => a.output().includes('READONLY'));
  });
});
