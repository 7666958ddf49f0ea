/** Redis behind Sentinel, as a cluster, over TLS and on a Unix socket, each with real servers. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import { redisConfig } from '../../src/stores/redis/link/config.ts';
import { openRedis } from '../../src/stores/redis/store.ts';
import { REDIS_TIMING } from '../../src/stores/redis/link/timing.ts';
import { needBinary } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { startRedis } from '../support/redis.ts';
import { startClusterGroup, startSentinelGroup } from '../support/redis-group.ts';
import { eventLog, newTicket, planOf, sessionOf, testClock, testVault } from '../support/state.ts';
import { until } from '../support/until.ts';

const clock = testClock();
const vault = testVault();
const timing = { ...REDIS_TIMING, start: 3_000, beat: 50, silence: 1_000 };

function open(state: unknown): Promise<Stores> {
  return openRedis(redisConfig.parse(state), { clock, vault, events: eventLog() }, timing);
}

/** Runs every kind of command once, so that a command this setup forbids fails here. */
async function exercise(stores: Stores): Promise<void> {
  const [first, second] = [newTicket(), newTicket()];
  await stores.sessions.start(first, sessionOf(vault, clock, first));
  await stores.sessions.touch(vault.name('session', first.id), clock.now() + 1_000);
  const rotated = sessionOf(vault, clock, second);
  expect(await stores.sessions.rotate(first, second, rotated)).toBe(true);
  expect(await stores.sessions.read(second)).toEqual(rotated);
  expect(await stores.sessions.list(null)).toHaveLength(1);
  expect(await stores.sessions.endAll('embedded/ann')).toBe(1);
  expect(await stores.sessions.count()).toBe(0);
  const plan = planOf(clock);
  expect(await stores.plans.write(plan, 0)).toBe(true);
  expect(await stores.plans.read(plan.id)).toEqual(plan);
  const rule = { free: 1, wait: 1_000, longest: 1_000, window: 1_000 };
  expect((await stores.throttle.take('k', rule, clock.now())).allowed).toBe(true);
  expect((await stores.throttle.take('k', rule, clock.now())).allowed).toBe(false);
  await stores.throttle.release('k', 'all');
  await stores.ping();
}

describe('Sentinel', () => {
  it('reports the master, and a failover keeps the data', async () => {
    const group = await startSentinelGroup();
    const stores = await open({ sentinel: { hosts: [group.host], name: group.name } });
    await exercise(stores);
    const ticket = newTicket();
    const session = sessionOf(vault, clock, ticket);
    await stores.sessions.start(ticket, session);
    await until('coherent', () => stores.sessions.isCoherent());
    const told: (string | null)[] = [];
    stores.sessions.watch((gone) => told.push(gone));
    const replica = new Redis(group.replica.url);
    await until('replicated', async () => (await replica.dbsize()) >= 3);
    await group.master.kill();
    await until('not coherent', () => !stores.sessions.isCoherent());
    expect(told).toContain(null);
    await expect(stores.sessions.read(ticket)).rejects.toMatchObject({ code: 'store/unavailable' });
    await until('coherent with the new master', () => stores.sessions.isCoherent());
    expect(await stores.sessions.read(ticket)).toEqual(session);
    told.length = 0;
    await replica.del(`doorward:session:${session.id}`);
    await until('the new master’s changes are heard', () => told.includes(session.id));
    await exercise(stores);
    replica.disconnect();
    await stores.close();
    await group.stop();
  });

  it('causes an error with its location at start if it does not respond', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const failure = await open({ sentinel: { hosts: [host], name: 'main' } }).catch((c) => c);
    expect(failure).toMatchObject({ code: 'store/unreachable' });
    expect(failure.message).toContain(`the Redis master main of the Sentinels at ${host}`);
  });
});

describe('a cluster', () => {
  it('stores all data and announces changes', async () => {
    const group = await startClusterGroup();
    const [stores, other] = [
      await open({ cluster: group.hosts }),
      await open({ cluster: group.hosts }),
    ];
    await exercise(stores);
    const ticket = newTicket();
    const session = sessionOf(vault, clock, ticket);
    await stores.sessions.start(ticket, session);
    const told: (string | null)[] = [];
    other.sessions.watch((gone) => told.push(gone));
    await until('coherent', () => other.sessions.isCoherent());
    await stores.sessions.end(session.id);
    await until('heard', () => told.includes(session.id));
    expect(await other.sessions.read(ticket)).toBeNull();
    await stores.close();
    await other.close();
    await group.stop();
  });
});

describe('TLS', () => {
  it('is used with the configured authority, and refused without it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doorward-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    execFileSync(
      needBinary('openssl'),
      ['req', '-x509', ...request, ...names, '-keyout', key, '-out', cert],
      {
        stdio: 'ignore',
      },
    );
    const port = await freePort();
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
    const server = await startRedis({
      args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'],
    });
    const url = `rediss://127.0.0.1:${port}`;
    const stores = await open({ url, tls: { ca: cert } });
    await exercise(stores);
    await until('coherent', () => stores.sessions.isCoherent());
    await stores.close();
    const failure = await open(url).catch((caught) => caught);
    expect(failure).toMatchObject({ code: 'store/unreachable' });
    expect(failure.message).toMatch(/self.signed/);
    await expect(open({ url, tls: { ca: '/nowhere.pem' } })).rejects.toMatchObject({
      code: 'store/tls-file',
    });
    await server.stop();
    rmSync(folder, { recursive: true });
  });
});

it('a Unix socket works as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-socket-'));
  const path = join(folder, 'redis.sock');
  const server = await startRedis({ args: ['--unixsocket', path] });
  const stores = await open(`unix://${path}`);
  await exercise(stores);
  await until('coherent', () => stores.sessions.isCoherent());
  expect(await stores.sessions.count()).toBe(0);
  await stores.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});
