/** The queue for password hashing, over real sockets: one network never blocks others. */
import { hashSync } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';
import { guess } from './guess.ts';

const PASSWORD = 'correct horse battery';
// As expensive as the hashes that Doorward creates, so that the queue fills.
const hash = hashSync(PASSWORD, { memoryCost: 65_536, timeCost: 3, parallelism: 4 });
const users = `users:
  alice: { displayname: Alice, email: alice@example.test, password: "${hash}" }
  bob: { displayname: Bob, email: bob@example.test, password: "${hash}" }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: true, users, extra: 'throttle: { free: 1000 }' });
});
afterAll(() => world.close());

const from = (ip: string) => ({ headers: { 'x-forwarded-for': ip } });

describe('LINE-48: forty connections from distinct /64 of one /48 with wrong passwords', () => {
  it('keep neither other networks nor known devices from signing in', async () => {
    const home = new Client();
    const neighbor = from('2001:db8:1:ffff::1');
    const first = await guess(world.gateway, 'bob', PASSWORD, { client: home, ...neighbor });
    expect(first.status).toBe(200);
    const seen = new Map<number, number>();
    const over = new AbortController();
    const flood = Array.from({ length: 40 }, async (_, i) => {
      for (let tries = 0; tries < 7 && !over.signal.aborted; tries += 1) {
        const at = from(`2001:db8:1:${(i * 16).toString(16)}::1`);
        const { status } = await guess(world.gateway, `nobody${i}`, 'wrong', at);
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    });
    await until('the flood meets its bound', async () => (seen.get(503) ?? 0) > 0);
    const statuses = await Promise.all([
      guess(world.gateway, 'alice', PASSWORD, from('198.51.100.7')),
      guess(world.gateway, 'alice', PASSWORD, from('2001:db8:2::1')),
      guess(world.gateway, 'bob', PASSWORD, { client: home, ...neighbor }),
    ]);
    over.abort();
    await Promise.all(flood);
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
