/**
 * A server that no longer represents the replication group: its sessions are not trusted, and
 * operators learn why.
 */
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import type { Ticket } from '../../src/core/people/session.ts';
import { redisConfig } from '../../src/stores/redis/link/config.ts';
import { openRedis } from '../../src/stores/redis/store.ts';
import { REDIS_TIMING, type RedisTiming } from '../../src/stores/redis/link/timing.ts';
import { startLine } from '../support/line.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { startSentinel } from '../support/redis-group.ts';
import { eventLog, newTicket, planOf, sessionOf, testClock, testVault } from '../support/state.ts';
import { until } from '../support/until.ts';

const TIMING: RedisTiming = { ...REDIS_TIMING, beat: 20, backoff: { first: 10, longest: 50 } };
const clock = testClock();
const vault = testVault();

let master: RedisServer;
let replica: RedisServer;
let admin: Redis;
let stores: Stores;
let events: ReturnType<typeof eventLog>;
let ticket: Ticket;
let id: string;

function open(url: string): Promise<Stores> {
  events = eventLog();
  return openRedis(redisConfig.parse(url), { clock, vault, events }, TIMING);
}
/** Requests that need state are refused with this code, and so is the readiness check. */
async function demandDisbelief(code: string): Promise<void> {
  const problem = { code, status: 503 };
  await expect(stores.sessions.read(ticket)).rejects.toMatchObject(problem);
  await expect(stores.sessions.list(null)).rejects.toMatchObject(problem);
  await expect(stores.plans.read(planOf(clock).id)).rejects.toMatchObject(problem);
  await expect(stores.scores.read(['k'], clock.now())).rejects.toMatchObject(problem);
  await expect(stores.ping()).rejects.toMatchObject(problem);
  expect(stores.sessions.isCoherent()).toBe(false);
  expect(events.events).toContainEqual(expect.objectContaining({ type: 'fault', code }));
}
async function refused(): Promise<boolean> {
  return stores.sessions.read(ticket).then(
    () => false,
    () => true,
  );
}

beforeEach(async () => {
  master = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
  admin = new Redis(master.url);
  await until('the replica follows', async () =>
    /^slave0:.*state=online/m.test(await admin.info('replication')),
  );
  stores = await open(master.url);
  ticket = newTicket();
  const session = sessionOf(vault, clock, ticket);
  id = session.id;
  await stores.sessions.start(ticket, session);
  await until('coherent', () => stores.sessions.isCoherent());
});
afterEach(async () => {
  await stores.close();
  admin.disconnect();
  await replica.stop();
  await master.stop();
});

describe('a master that has lost its replicas', () => {
  it('is not trusted if min-replicas-to-write is set, and is trusted again when a replica is back', async () => {
    await admin.config('SET', 'min-replicas-to-write', '1');
    expect(await stores.sessions.read(ticket)).not.toBeNull();
    const forgot: (string | null)[] = [];
    stores.sessions.watch((gone) => forgot.push(gone));
    await replica.stop();
    await until('refused', refused);
    await demandDisbelief('store/no-replicas');
    expect(forgot).toContain(null);
    // The master itself would still return the session.
    expect(await admin.exists(`doorward:session:${id}`)).toBe(1);
    await replica.start();
    await until('believed again', async () => !(await refused()));
    await until('coherent again', () => stores.sessions.isCoherent());
    expect(await stores.sessions.read(ticket)).not.toBeNull();
    await stores.ping();
  });

  it('is queried no more often for a thousand requests than for one', async () => {
    await admin.config('SET', 'min-replicas-to-write', '1');
    await replica.stop();
    await until('refused', refused);
    const calls = async (): Promise<number> =>
      Number(/^cmdstat_set:.*rejected_calls=(\d+)/m.exec(await admin.info('commandstats'))?.[1]);
    const before = await calls();
    const began = performance.now();
    for (let i = 0; i < 1_000; i++) await refused();
    const beats = (performance.now() - began) / TIMING.beat;
    // The heartbeat's own timer and the listening connection also send heartbeats.
    expect((await calls()) - before).toBeLessThanOrEqual(3 * beats + 10);
  });
});

describe('a replica', () => {
  it('is not trusted from the start', async () => {
    await stores.close();
    stores = await open(replica.url);
    await until('replicated', async () => {
      const direct = new Redis(replica.url);
      const isThere = await direct.exists(`doorward:session:${id}`);
      direct.disconnect();
      return isThere === 1;
    });
    await demandDisbelief('store/not-master');
    expect(await refused()).toBe(true);
  });

  it('is not trusted even if it accepts writes', async () => {
    await stores.close();
    const direct = new Redis(replica.url);
    await direct.config('SET', 'replica-read-only', 'no');
    direct.disconnect();
    stores = await open(replica.url);
    await demandDisbelief('store/not-master');
    expect(await refused()).toBe(true);
  });

  it('is no longer trusted after it was the master', async () => {
    await admin.replicaof('127.0.0.1', String(await stopPort()));
    await until('refused', refused);
    await until('said why', async () =>
      stores.ping().then(
        () => false,
        (caught: { code?: string }) => caught.code === 'store/not-master',
      ),
    );
    await admin.replicaof('NO', 'ONE');
    await until('believed again', async () => !(await refused()));
    expect(await stores.sessions.read(ticket)).not.toBeNull();
  });
});

/** A port without a master. */
async function stopPort(): Promise<number> {
  await replica.stop();
  return replica.port;
}

it('a master that cannot write to its disk is not trusted', async () => {
  // No file can be created in /proc, so saving fails.
  const stuck = await startRedis({ args: ['--save', '3600 1', '--dir', '/proc'] });
  const direct = new Redis(stuck.url);
  await stores.close();
  stores = await open(stuck.url);
  await stores.sessions.start(ticket, sessionOf(vault, clock, ticket));
  await direct.bgsave();
  await until('refused', refused);
  await demandDisbelief('store/not-writable');
  await direct.config('SET', 'save', '');
  await until('believed again', async () => !(await refused()));
  expect(await stores.sessions.read(ticket)).not.toBeNull();
  direct.disconnect();
  await stuck.stop();
});

it('a session revoked at the new master is refused by a gateway that still talks to the old one', async () => {
  // Sentinel and the replica reach the master through this proxy; the gateway on its side does not.
  const line = await startLine(master.port);
  const heir = await startRedis({ args: ['--replicaof', '127.0.0.1', String(line.port)] });
  const watcher = await startSentinel(line.port);
  await admin.config('SET', 'min-replicas-to-write', '1');
  await admin.config('SET', 'min-replicas-max-lag', '2');
  await replica.stop();
  const sentinel = { hosts: [watcher.host], name: 'main' };
  const far = await openRedis(
    redisConfig.parse({ sentinel }),
    { clock, vault, events: eventLog() },
    TIMING,
  );
  expect(await far.sessions.read(ticket)).not.toBeNull();
  expect(await stores.sessions.read(ticket)).not.toBeNull();
  line.cut();
  const direct = new Redis(heir.url);
  await until('failed over', async () => /^role:master/m.test(await direct.info('replication')));
  await until('revoked', () =>
    far.sessions.end(id).then(
      (ended) => ended,
      () => false,
    ),
  );
  expect(await direct.exists(`doorward:session:${id}`)).toBe(0);
  await until('refused on the other side', refused);
  await demandDisbelief('store/no-replicas');
  // The old master still has the session and reports that it is the master.
  expect(await admin.exists(`doorward:session:${id}`)).toBe(1);
  expect(await admin.info('replication')).toMatch(/^role:master/m);
  direct.disconnect();
  await far.close();
  await watcher.stop();
  await heir.stop();
  await line.close();
});
