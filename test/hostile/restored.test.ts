/**
 * Session records that are restored into a real Redis server after their session ended give no
 * access.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type SignedIn, signedIn, startWorld, ticketOf, type World } from './fixture.ts';

const NEW_PASSWORD = 'walnut harbor sketch violin 4';

let redis: RedisServer;
let client: Redis;
let world: World;
beforeAll(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
  world = await startWorld({
    trusted: false,
    state: redis.url,
    env: { DOORWARD_SESSION__SECRETS: '7c2f5b90-62d1-4b7e-9a55-d0f4a1e6c833' },
    directories: '[{ type: embedded }]',
  });
  for (const name of ['alice', 'bob']) {
    const { code, err } = await world.gateway.run(['user', 'add', name], `${PASSWORD}\n`);
    if (code !== 0) throw new Error(err);
  }
});
afterAll(async () => {
  client.disconnect();
  await world.close();
  await redis.stop();
});

/** Every session key with its value, as DUMP returns it. */
async function snapshot(): Promise<Map<string, Buffer>> {
  const dumps = new Map<string, Buffer>();
  const keys = await Promise.all(
    ['session*', 'user:*'].map((kind) => client.keys(`doorward:${kind}`)),
  );
  for (const key of keys.flat()) {
    const dump = await client.dumpBuffer(key);
    if (dump !== null) dumps.set(key, dump);
  }
  return dumps;
}

async function restore(dumps: Map<string, Buffer>): Promise<void> {
  for (const [key, dump] of dumps) await client.restore(key, 0, dump, 'REPLACE');
}

async function inside(pair: string): Promise<number> {
  const url = `${world.gateway.app('app')}/inside`;
  return (await new Client().send(url, { headers: { ...FETCH, cookie: pair } })).status;
}

const signOut = async ({ client: browser }: SignedIn) => {
  const page = await browser.open(`${world.gateway.portal}/flow/logout`);
  if (page.status === 200) await browser.submitAndFollow(page, {});
};

describe('REDIS-restore: a session whose record is restored into Redis', () => {
  it.each<[string, (session: SignedIn) => Promise<unknown>]>([
    ['its sign-out', signOut],
    ['a new password', () => world.gateway.run(['user', 'passwd', 'alice'], `${PASSWORD}\n`)],
    ['session revoke --user', () => world.gateway.run(['session', 'revoke', '--user', 'alice'])],
    ['session revoke --all', () => world.gateway.run(['session', 'revoke', '--all'])],
    [
      'session revoke --id',
      async () => {
        const { out } = await world.gateway.run(['session', 'list', '--json']);
        const [{ id }] = JSON.parse(out) as [{ id: string }];
        return world.gateway.run(['session', 'revoke', '--id', id]);
      },
    ],
    [
      'its user was disabled and enabled again',
      async () => {
        await world.gateway.run(['user', 'disable', 'alice']);
        await world.gateway.run(['user', 'enable', 'alice']);
      },
    ],
    [
      'it went on under another ticket, with a new password',
      async ({ client: browser, pair }) => {
        const first = await browser.open(`${world.gateway.portal}/flow/password-change`);
        const second = await browser.submitAndFollow(first, { password: PASSWORD });
        const fields = { password: NEW_PASSWORD, password_repeat: NEW_PASSWORD };
        await browser.submitAndFollow(second, fields);
        expect(ticketOf(browser)).not.toBe(pair);
        expect(await inside(ticketOf(browser) ?? '')).toBe(200);
      },
    ],
  ])('stays ended after %s', async (_, end) => {
    await world.gateway.run(['session', 'revoke', '--all']);
    const session = await signedIn(world.gateway, 'alice');
    expect(await inside(session.pair)).toBe(200);
    const records = await snapshot();
    expect(records.size).toBeGreaterThan(0);
    await end(session);
    await restore(records);
    expect(await inside(session.pair)).toBe(401);
  });

  it('continues if it had not ended, and so do those of others', async () => {
    await world.gateway.run(['user', 'passwd', 'alice'], `${PASSWORD}\n`);
    const [alice, bob] = [
      await signedIn(world.gateway, 'alice'),
      await signedIn(world.gateway, 'bob'),
    ];
    const records = await snapshot();
    await world.gateway.run(['session', 'revoke', '--user', 'alice']);
    await client.flushall();
    await restore(records);
    expect(await inside(alice.pair)).toBe(401);
    expect(await inside(bob.pair)).toBe(200);
    // A gateway without a cache replies the same.
    await world.gateway.stop();
    await world.gateway.start();
    await restore(records);
    expect(await inside(alice.pair)).toBe(401);
    expect(await inside(bob.pair)).toBe(200);
    expect(await inside((await signedIn(world.gateway, 'bob')).pair)).toBe(200);
  });
});
