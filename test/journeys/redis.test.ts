/** A gateway on a real Redis: what survives, what ends at once, and what happens while Redis is away. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client, FETCH } from '../support/client.ts';
import { type Gateway, PASSWORD } from '../support/gateway.ts';
import {
  adminStatus,
  askAsNginx,
  dialSocket,
  signInAt,
  startBefore,
} from '../support/operations.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

let app: WebApp;
let redis: RedisServer;
let a: Gateway;
let b: Gateway;
/** alice, signed in. */
let alice: Client;

beforeAll(async () => {
  [app, redis] = await Promise.all([startWebApp('app'), startRedis({ persist: true })]);
  const options = { state: redis.url };
  [a, b] = await Promise.all([startBefore(app.port, options), startBefore(app.port, options)]);
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

/** A client of our own, and what it is good for. */
async function withRedis<T>(task: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url);
  try {
    return await task(client);
  } finally {
    client.disconnect();
  }
}

/** Names of all keys but heartbeats, which come and go. */
async function keysOf(client: Redis): Promise<readonly string[]> {
  const keys = await client.keys('*');
  return keys.filter((key) => !key.startsWith('doorward:beat:')).sort();
}

/** Everything under a key, whatever its kind. */
async function bytesUnder(client: Redis, key: string): Promise<string> {
  const kind = await client.type(key);
  if (kind === 'string') return (await client.getBuffer(key))?.toString('latin1') ?? '';
  if (kind === 'zset') return (await client.zrange(key, '0', '-1', 'WITHSCORES')).join('\n');
  throw new Error(`${key} is a ${kind}: teach this test to read it`);
}

/** All doors of a gateway, asked at once. */
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
  // Who needs no session is served as ever.
  expect((await alice.open(`${gateway.app('open')}/`)).status).toBe(200);
}

/** Nothing opens from here on, though requests keep coming. */
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
 * What comes of a first form, and of the password of somebody half-way, while Redis refuses to write;
 * then of asking with the cookies they were left with; then of sending the same form again.
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

/** Told plainly, and without the cookie of a session. */
const isRefusedPlainly = ({ status, body, headers, cookies }: Answer): boolean =>
  status === 503 &&
  body.includes(headers['x-request-id'] ?? ' none ') &&
  !/\bdoorward=/.test(cookies.join());

describe('sessions in Redis', () => {
  it('outlive a restart of the gateway', async () => {
    await a.stop();
    await a.start();
    expect(await statusAt(a)).toBe(200);
  });

  it('are the same for every gateway', async () => {
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

  it('that are signed out at one gateway end at the other, websockets too', async () => {
    const { closed } = await dialSocket(b, alice);
    expect(await statusAt(b)).toBe(200);
    const page = await alice.follow(`${a.app('wiki')}/.doorward/sign-out`);
    // The cookie is kept here, as a thief of it would.
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

  it('are written for nobody who has not sent a form', async () => {
    const stranger = new Client();
    await withRedis(async (client) => {
      const before = await keysOf(client);
      const login = await stranger.follow(`${a.app('board')}/x`);
      expect(login.status).toBe(200);
      const urls = [`${a.app('wiki')}/page`, login.url, 'http://nobody.gw.test/', `${a.portal}/`];
      for (let i = 0; i < 500; i += 1) {
        const url = new URL(`${urls[i % urls.length]}`);
        url.port = String(a.port);
        await stranger.send(url.href, { headers: i % 8 < 4 ? FETCH : {}, bare: i % 3 === 0 });
      }
      expect(await keysOf(client)).toEqual(before);
    });
  });

  it('tell whoever reads Redis neither names nor passwords nor tickets', async () => {
    const page = await new Client().follow(`${a.app('wiki')}/`);
    // Somebody half-way through, so that a plan is stored, too.
    await new Client().submit(page, { login: 'carol@example.test' }).catch(() => undefined);
    const cookie = alice.cookieHeader('wiki.gw.test').split('=').slice(1).join('=');
    expect(cookie.length).toBeGreaterThan(100);
    await withRedis(async (client) => {
      const keys = await keysOf(client);
      expect(keys.some((key) => key.startsWith('doorward:session:'))).toBe(true);
      let stored = keys.join('\n');
      for (const key of keys) stored += `\n${await bytesUnder(client, key)}`;
      // The clear index has the user's id, which a users file makes of the name.
      stored = stored.replaceAll('"file/alice"', '');
      for (const secret of [cookie, PASSWORD, 'alice', 'carol', 'Example', '"password"']) {
        expect(stored).not.toContain(secret);
      }
    });
  });
});

describe('while Redis is away', () => {
  it('every door is shut; with it come the sessions, without a restart', async () => {
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

  it('nobody can sign in, and is told when to come back', async () => {
    const client = new Client();
    const page = await client.follow(`${a.app('wiki')}/deep?x=1`);
    await redis.kill();
    const refused = await client.submit(page, { login: 'carol' });
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    // Whoever only looks is shown the way all the same: nothing is stored for it.
    expect((await new Client().open(`${a.app('wiki')}/`)).status).toBe(302);
    await redis.start();
    await untilServed();
    // The very form goes on where it stood.
    const next = await client.submitAndFollow(page, { login: 'carol' });
    const done = await client.submitAndFollow(next, { password: PASSWORD });
    expect(done).toMatchObject({ status: 200, url: `${a.app('wiki')}/deep?x=1` });
  });

  it('a Redis that hangs is a Redis that is away', async () => {
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

  it('a command says so in one line', async () => {
    await redis.stop();
    const ran = await a.run(['session', 'revoke', '--all']);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/^doorward: .*does not answer.*\n$/);
    expect(ran.err).toContain(`127.0.0.1:${redis.port}`);
    await redis.start();
    await untilServed();
  });

  it('one that comes back empty asks everybody to sign in, and works', async () => {
    await withRedis((client) => client.flushall());
    await redis.stop();
    await until('it is noticed', async () => (await statusAt(a)) === 503);
    await redis.start();
    await until('it answers again', async () => (await statusAt(a)) === 302);
    // She came through this very flow a moment ago; a minute later no browser knows of it.
    alice.setCookie('doorward-ended', '', 'auth.gw.test', true);
    await signInAt(a, alice, 'alice');
    await until('the other one does, too', async () => (await statusAt(b)) !== 503);
    expect([await statusAt(a), await statusAt(b)]).toEqual([200, 200]);
  });
});

describe('a Redis that refuses to write', () => {
  it('because it is full lets nobody in by half', async () => {
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

  it('because it is a replica now lets nobody in by half', async () => {
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
