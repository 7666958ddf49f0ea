/** A session from the future: the clock was set back, so the session's age is unknown. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import { openEmbedded } from '../../src/stores/embedded/store.ts';
import { redisConfig } from '../../src/stores/redis/link/config.ts';
import { openRedis } from '../../src/stores/redis/store.ts';
import { startRedis } from '../support/redis.ts';
import { eventLog, newTicket, sessionOf, testClock, testVault } from '../support/state.ts';

const MINUTE = 60_000;
const clock = testClock();
const vault = testVault();

async function readAhead(stores: Stores): Promise<readonly boolean[]> {
  const now = clock.now();
  const cases = [
    { createdAt: now, seenAt: now + MINUTE },
    { createdAt: now, seenAt: now + MINUTE + 1 },
    { createdAt: now + MINUTE + 1, seenAt: now },
  ];
  const alive: boolean[] = [];
  for (const changes of cases) {
    const ticket = newTicket();
    await stores.sessions.start(ticket, sessionOf(vault, clock, ticket, changes));
    alive.push((await stores.sessions.read(ticket)) !== null);
  }
  expect(await stores.sessions.list(null)).toHaveLength(1);
  expect(await stores.sessions.endAll(null)).toBe(3);
  return alive;
}

it('a session more than a minute in the future is not valid in the embedded store', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'doorward-ahead-'));
  const stores = openEmbedded({ clock, vault, dataDir });
  expect(await readAhead(stores)).toEqual([true, false, false]);
  await stores.close();
  rmSync(dataDir, { recursive: true });
});

it('a session more than a minute in the future is not valid in Redis', async () => {
  const server = await startRedis();
  const tools = { clock, vault, events: eventLog() };
  const stores = await openRedis(redisConfig.parse(server.url), tools);
  expect(await readAhead(stores)).toEqual([true, false, false]);
  await stores.close();
  await server.stop();
});
