/**
 * A Redis server that stops, hangs, refuses or is tampered with: requests are refused, no data is
 * trusted, and the store recovers.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import type { Ticket } from '../../src/core/people/session.ts';
import { redisConfig } from '../../src/stores/redis/link/config.ts';
import { openRedis } from '../../src/stores/redis/store.ts';
import { REDIS_TIMING, type RedisTiming } from '../../src/stores/redis/link/timing.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { eventLog, newTicket, planOf, sessionOf, testClock, testVault } from '../support/state.ts';
import { until } from '../support/until.ts';

const TIMING: RedisTiming = {
  ...REDIS_TIMING,
  start: 2_000,
  command: 200,
  connect: 300,
  socket: 600,
  backoff: { first: 10, longest: 50 },
  beat: 20,
  silence: 300,
};
const UNAVAILABLE = { code: 'store/unavailable', status: 503 };

const clock = testClock();
const vault = testVault();
let server: RedisServer;
let stores: Stores;
let ticket: Ticket;
let id: string;
let events: ReturnType<typeof eventLog>;

async function open(url: string): Promise<Stores> {
  events = eventLog();
  return openRedis(redisConfig.parse(url), { clock, vault, events }, TIMING);
}
async function signIn(): Promise<void> {
  ticket = newTicket();
  const session = sessionOf(vault, clock, ticket);
  id = session.id;
  await stores.sessions.start(ticket, session);
}

beforeEach(async () => {
  server = await startRedis({ persist: true });
  stores = await open(server.url);
  await signIn();
});
afterEach(async () => {
  await stores.close();
  await server.stop();
});

/** Records that all cached data was invalidated. */
function forgetting(): { readonly all: () => boolean } {
  const told: (string | null)[] = [];
  stores.sessions.watch((gone) => told.push(gone));
  return { all: () => told.includes(null) };
}

async function expectRefusals(): Promise<void> {
  await expect(stores.sessions.read(ticket)).rejects.toMatchObject(UNAVAILABLE);
  await expect(stores.sessions.end(id)).rejects.toMatchObject(UNAVAILABLE);
  await expect(stores.sessions.list(null)).rejects.toMatchObject(UNAVAILABLE);
  await expect(stores.plans.write(planOf(clock), 0)).rejects.toMatchObject(UNAVAILABLE);
  const rule = { free: 5, wait: 1, longest: 1, window: 1 };
  await expect(stores.throttle.take('k', rule, clock.now())).rejects.toMatchObject(UNAVAILABLE);
  await expect(stores.ping()).rejects.toMatchObject(UNAVAILABLE);
}

describe('a Redis that is stopped', () => {
  it('causes an error within a bounded time, and works again after it is back, without a restart', async () => {
    await until('coherent', () => stores.sessions.isCoherent());
    const forgot = forgetting();
    await server.stop();
    await until('not coherent', () => !stores.sessions.isCoherent());
    expect(forgot.all()).toBe(true);
    await expectRefusals();
    expect(events.events).toContainEqual(expect.objectContaining({ code: 'store/not-coherent' }));
    await server.start();
    await until('coherent again', () => stores.sessions.isCoherent());
    expect(await stores.sessions.read(ticket)).not.toBeNull();
    expect(await stores.sessions.end(id)).toBe(true);
  });

  it('has no sessions if it starts empty, and earlier ones are not cached', async () => {
    await until('coherent', () => stores.sessions.isCoherent());
    await server.kill();
    await until('not coherent', () => !stores.sessions.isCoherent());
    await server.start();
    const other = new Redis(server.url);
    await other.flushall();
    other.disconnect();
    await until('coherent again', () => stores.sessions.isCoherent());
    expect(await stores.sessions.read(ticket)).toBeNull();
  });
});

describe('a Redis that hangs', () => {
  it('is not trusted, then reported, and works again when it continues', async () => {
    await until('coherent', () => stores.sessions.isCoherent());
    const forgot = forgetting();
    server.pause();
    await until('not coherent', () => !stores.sessions.isCoherent());
    expect(forgot.all()).toBe(true);
    await expectRefusals();
    server.resume();
    await until('coherent again', () => stores.sessions.isCoherent());
    expect(await stores.sessions.read(ticket)).not.toBeNull();
  });
});

describe('another client of Redis', () => {
  it.each([
    ['DEL of the session', (c: Redis) => c.del(`doorward:session:${id}`)],
    ['UNLINK of the session', (c: Redis) => c.unlink(`doorward:session:${id}`)],
  ])('%s is noticed', async (_how, act) => {
    const told: (string | null)[] = [];
    stores.sessions.watch((gone) => told.push(gone));
    await until('coherent', () => stores.sessions.isCoherent());
    const other = new Redis(server.url);
    await act(other);
    await until('told', () => told.includes(id));
    expect(await stores.sessions.read(ticket)).toBeNull();
    other.disconnect();
  });

  it('an expiry is noticed after its time to live was changed', async () => {
    const told: (string | null)[] = [];
    stores.sessions.watch((gone) => told.push(gone));
    await until('coherent', () => stores.sessions.isCoherent());
    const other = new Redis(server.url);
    await other.pexpire(`doorward:session:${id}`, 50);
    // The change is announced at once, perhaps with the start, which is not an end. So wait for the
    // end.
    await until('ended', async () => (await stores.sessions.read(ticket)) === null);
    await until('told twice', () => told.filter((gone) => gone === id).length >= 2);
    expect(await stores.sessions.read(ticket)).toBeNull();
    other.disconnect();
  });

  it('FLUSHALL is noticed', async () => {
    await until('coherent', () => stores.sessions.isCoherent());
    const forgot = forgetting();
    const other = new Redis(server.url);
    await other.flushall();
    await until('told', () => forgot.all());
    expect(await stores.sessions.read(ticket)).toBeNull();
    other.disconnect();
  });

  it('the loss of the invalidation connection alone is noticed and repaired', async () => {
    await until('coherent', () => stores.sessions.isCoherent());
    const forgot = forgetting();
    const other = new Redis(server.url);
    expect(await other.call('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1);
    await until('told', () => forgot.all());
    await until('coherent again', () => stores.sessions.isCoherent());
    other.disconnect();
  });

  it('a changed index gives no access', async () => {
    const other = new Redis(server.url);
    const key = `doorward:session:${id}`;
    const record = (await other.getBuffer(key)) as Buffer;
    const forged = Buffer.from(record.toString('latin1').replace('/ann', '/bob'), 'latin1');
    await other.set(key, forged, 'KEEPTTL');
    expect(await stores.sessions.read(ticket)).toBeNull();
    other.disconnect();
  });

  it.each(['', '\n', '[1]\n', '{}', '[1,2,3,4,5,6]\nx', 'x'.repeat(100_000)])(
    'an invalid record is no session (case %#)',
    async (value) => {
      const other = new Redis(server.url);
      await other.set(`doorward:session:${id}`, value);
      expect(await stores.sessions.read(ticket)).toBeNull();
      expect(await stores.sessions.list(null)).toEqual([]);
      expect(await stores.sessions.endAll(null)).toBe(1);
      other.disconnect();
    },
  );
});

describe('a Redis that is full', () => {
  it('refuses new sessions with the reason, while sessions can be read and ended', async () => {
    const second = newTicket();
    const third = newTicket();
    await stores.sessions.start(second, sessionOf(vault, clock, second));
    await stores.sessions.start(third, sessionOf(vault, clock, third, { userId: 'embedded/bob' }));
    await until('coherent', () => stores.sessions.isCoherent());
    const other = new Redis(server.url);
    await other.config('SET', 'maxmemory', '1');
    const next = newTicket();
    const full = { code: 'store/full', status: 503 };
    await expect(stores.sessions.start(next, sessionOf(vault, clock, next))).rejects.toMatchObject(
      full,
    );
    await expect(stores.plans.write(planOf(clock), 0)).rejects.toMatchObject(full);
    await expect(stores.ping()).rejects.toMatchObject(full);
    expect(await stores.sessions.read(ticket)).not.toBeNull();
    const told = (): unknown[] => events.events.filter((e) => 'code' in e && e.code === full.code);
    await until('told in the log', () => told().length > 0);
    const heard: (string | null)[] = [];
    const gateway = await openRedis(
      redisConfig.parse(server.url),
      { clock, vault, events: eventLog() },
      TIMING,
    );
    stores.sessions.watch((gone) => heard.push(gone));
    expect(await gateway.sessions.end(id)).toBe(true);
    await until('heard', () => heard.includes(id));
    expect(await stores.sessions.read(ticket)).toBeNull();
    expect(await gateway.sessions.endAll('embedded/ann')).toBe(1);
    expect(await gateway.sessions.endAll(null)).toBe(1);
    expect(await stores.sessions.read(third)).toBeNull();
    expect(stores.sessions.isCoherent()).toBe(true);
    expect(told()).toHaveLength(1);
    await gateway.close();
    await other.config('SET', 'maxmemory', '0');
    await stores.ping();
    await signIn();
    expect(await stores.sessions.read(ticket)).not.toBeNull();
    other.disconnect();
  });
});

describe('a start', () => {
  it('without a Redis server fails with its location and a remedy, never the password', async () => {
    const port = await freePort();
    const failure = await open(`redis://u:S3cret@127.0.0.1:${port}/0`).catch((caught) => caught);
    expect(failure).toMatchObject({ code: 'store/unreachable', status: 503 });
    expect(failure.message).toContain(`Redis at 127.0.0.1:${port} does not answer (`);
    expect(failure.message).toContain('ECONNREFUSED');
    expect(`${failure.stack} ${failure.cause?.stack}`).not.toContain('S3cret');
  });

  it('with a wrong password reports that, but never which', async () => {
    const guarded = await startRedis({ args: ['--requirepass', 'right'] });
    const failure = await open(`redis://:S3cret@127.0.0.1:${guarded.port}`).catch(
      (caught) => caught,
    );
    expect(failure).toMatchObject({ code: 'store/unreachable' });
    expect(failure.message).toContain('WRONGPASS');
    expect(JSON.stringify([failure, failure.cause, failure.message])).not.toContain('S3cret');
    const right = await open(`redis://:right@127.0.0.1:${guarded.port}/1`);
    await right.ping();
    await right.close();
    await guarded.stop();
  });

  it('waits for a Redis server that starts a moment later', async () => {
    await server.stop();
    const opening = open(server.url);
    await server.start();
    const late = await opening;
    await expect(late.ping()).resolves.toBeUndefined();
    await late.close();
  });
});

it('the permissions listed in docs/state.md are sufficient', async () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/state.md'), 'utf8');
  const rights = /`ACL SETUSER doorward on >… (.*?)`/.exec(docs)?.[1] ?? '';
  const other = new Redis(server.url);
  await other.call('ACL', 'SETUSER', 'doorward', 'on', '>pw', ...rights.split(' '));
  const config = redisConfig.parse(`redis://doorward:pw@127.0.0.1:${server.port}`);
  const sweeping = { ...TIMING, sweep: 10 };
  const narrow = await openRedis(config, { clock, vault, events: eventLog() }, sweeping);
  const [first, second] = [newTicket(), newTicket()];
  const plan = planOf(clock);
  await narrow.sessions.start(first, sessionOf(vault, clock, first));
  await narrow.sessions.touch(id, clock.now() + 1);
  await narrow.sessions.rotate(first, second, sessionOf(vault, clock, second));
  expect(await narrow.sessions.list(null)).toHaveLength(await narrow.sessions.count());
  expect(await narrow.sessions.endAll('embedded/ann')).toBe(2);
  expect(await narrow.sessions.endAll(null)).toBe(0);
  expect(await narrow.plans.write(plan, 0)).toBe(true);
  expect(await narrow.plans.read(plan.id)).toEqual(plan);
  await narrow.throttle.take('k', { free: 1, wait: 1, longest: 1, window: 1_000 }, clock.now());
  await narrow.throttle.release('k', 'one');
  await narrow.throttle.release('k', 'all');
  await narrow.handovers.put('code', {
    ticket: second,
    origin: 'https://a.example',
    returnTo: 'https://a.example/',
    nonce: 'n',
    until: clock.now() + 60_000,
    remembered: null,
  });
  expect(await narrow.handovers.take('code')).not.toBeNull();
  await narrow.ping();
  await until('coherent', () => narrow.sessions.isCoherent());
  await narrow.close();
  expect(await other.call('ACL', 'LOG')).toEqual([]);
  other.disconnect();
});

it('without the permission to subscribe to changes, nothing is cached and everything works', async () => {
  const port = server.port;
  const other = new Redis(server.url);
  const rules = ['on', '>pw', '~doorward:*', '&*', '+@all', '-client'];
  await other.call('ACL', 'SETUSER', 'narrow', ...rules);
  const narrow = await open(`redis://narrow:pw@127.0.0.1:${port}`);
  expect(await narrow.sessions.read(ticket)).not.toBeNull();
  expect(narrow.sessions.isCoherent()).toBe(false);
  expect(events.events).toContainEqual(expect.objectContaining({ code: 'store/not-coherent' }));
  await narrow.close();
  other.disconnect();
});

it('idle sessions are removed after a grace period, and nothing else is', async () => {
  const config = redisConfig.parse(server.url);
  const sweeping = await openRedis(config, { clock, vault, events }, { ...TIMING, sweep: 10 });
  const idle = id;
  clock.advance(3_600_000 + 5 * 60_000);
  await signIn();
  const other = new Redis(server.url);
  await until('removed', async () => (await other.exists(`doorward:session:${idle}`)) === 0);
  expect(await other.zcard('doorward:sessions')).toBe(1);
  expect(await stores.sessions.read(ticket)).not.toBeNull();
  other.disconnect();
  await sweeping.close();
});

it('a session takes at most 900 bytes of Redis memory, including its user’s set', async () => {
  const other = new Redis(server.url);
  const used = async (): Promise<number> =>
    Number(/used_memory_dataset:(\d+)/.exec(await other.info('memory'))?.[1]);
  const before = await used();
  for (let i = 0; i < 4_000; i += 10) {
    const starts = Array.from({ length: 10 }, (_, j) => {
      const next = newTicket();
      const session = sessionOf(vault, clock, next, { userId: `embedded/user-${i + j}` });
      return stores.sessions.start(next, session);
    });
    await Promise.all(starts);
  }
  expect(((await used()) - before) / 4_000).toBeLessThan(900);
  other.disconnect();
});
