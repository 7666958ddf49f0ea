/**
 * Session records that are restored into their store after their session ended give no access: by an
 * attacker, a backup, or a failover to a server that has not learned of the ending.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { type SignedIn, signedIn, startWorld, ticketOf, type World } from './fixture.ts';

const NEW_PASSWORD = 'walnut harbor sketch violin 4';

/** A gateway, and what its store contains. */
interface Opened {
  readonly world: World;
  /** Copies every session record. */
  readonly records: () => Promise<Records>;
  /** Removes every session record. */
  readonly lose: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A copy. */
interface Records {
  readonly count: number;
  readonly restore: () => Promise<void>;
}

function shipped(flow: string): string {
  return readFileSync(new URL(`../../flows/${flow}.yaml`, import.meta.url), 'utf8');
}

const OPTIONS = {
  trusted: false,
  env: { DOORWARD_SESSION__SECRETS: '7c2f5b90-62d1-4b7e-9a55-d0f4a1e6c833' },
  directories: '[{ type: embedded }]',
  flows: {
    ...Object.fromEntries(['logout', 'password-change'].map((name) => [name, shipped(name)])),
    login: `title: Sign in
designation: authentication
stages:
  - { type: identification, by: [username] }
  - { type: password }
  - { type: user_login }
`,
    everywhere: `title: Sign out everywhere
designation: invalidation
stages:
  - { type: user_logout, everywhere: true }
`,
  },
};
const FILE = '[{ type: file, path: users.yaml }]';

async function inRedis(): Promise<Opened> {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  const world = await startWorld({ ...OPTIONS, state: redis.url });
  return {
    world,
    async records() {
      const dumps = new Map<string, Buffer>();
      const kinds = ['session*', 'user:*'].map((kind) => client.keys(`doorward:${kind}`));
      for (const key of (await Promise.all(kinds)).flat()) {
        const dump = await client.dumpBuffer(key);
        if (dump !== null) dumps.set(key, dump);
      }
      return {
        count: dumps.size,
        async restore() {
          for (const [key, dump] of dumps) await client.restore(key, 0, dump, 'REPLACE');
        },
      };
    },
    lose: async () => void (await client.flushall()),
    async close() {
      client.disconnect();
      await world.close();
      await redis.stop();
    },
  };
}

async function inFile(): Promise<Opened> {
  const world = await startWorld(OPTIONS);
  const file = new DatabaseSync(join(world.gateway.dir, 'data', 'state.db'));
  file.exec('PRAGMA busy_timeout = 5000');
  return {
    world,
    async records() {
      const rows = file.prepare('SELECT * FROM sessions').all();
      return {
        count: rows.length,
        async restore() {
          for (const { ends_at: _generated, ...row } of rows) {
            const columns = Object.keys(row);
            const marks = columns.map(() => '?').join(', ');
            file
              .prepare(`INSERT OR REPLACE INTO sessions (${columns.join(', ')}) VALUES (${marks})`)
              .run(...(Object.values(row) as SQLInputValue[]));
          }
        },
      };
    },
    lose: async () => file.exec('DELETE FROM sessions'),
    async close() {
      file.close();
      await world.close();
    },
  };
}

const signOut = async ({ client: browser }: SignedIn, { gateway }: World, flow = 'logout') => {
  const page = await browser.open(`${gateway.portal}/flow/${flow}`);
  if (page.status === 200) await browser.submitAndFollow(page, {});
};

/** Everything that ends a session. */
const ENDINGS: readonly [string, (session: SignedIn, world: World) => Promise<unknown>][] = [
  ['its sign-out', signOut],
  [
    'a sign-out everywhere in another browser',
    async (_, world) => {
      await signOut(await signedIn(world.gateway, 'alice'), world, 'everywhere');
    },
  ],
  ['a new password', (_, { gateway }) => gateway.run(['user', 'passwd', 'alice'], `${PASSWORD}\n`)],
  ['a removed factor', (_, { gateway }) => gateway.run(['user', 'reset', 'alice', '--totp'])],
  [
    'session revoke --user',
    (_, { gateway }) => gateway.run(['session', 'revoke', '--user', 'alice']),
  ],
  ['session revoke --all', (_, { gateway }) => gateway.run(['session', 'revoke', '--all'])],
  [
    'session revoke --id',
    async (_, { gateway }) => {
      const { out } = await gateway.run(['session', 'list', '--json']);
      const [{ id }] = JSON.parse(out) as [{ id: string }];
      return gateway.run(['session', 'revoke', '--id', id]);
    },
  ],
  [
    'its user was disabled and enabled again',
    async (_, { gateway }) => {
      await gateway.run(['user', 'disable', 'alice']);
      await gateway.run(['user', 'enable', 'alice']);
    },
  ],
  [
    'its user was deleted and another one added under the same name',
    async (_, { gateway }) => {
      await gateway.run(['user', 'delete', 'alice']);
      await gateway.run(['user', 'add', 'alice'], `${PASSWORD}\n`);
    },
  ],
  [
    'it went on under another ticket, with a new password',
    async ({ client: browser, pair }, { gateway }) => {
      const first = await browser.open(`${gateway.portal}/flow/password-change`);
      const second = await browser.submitAndFollow(first, { password: PASSWORD });
      const fields = { password: NEW_PASSWORD, password_repeat: NEW_PASSWORD };
      await browser.submitAndFollow(second, fields);
      expect(ticketOf(browser)).not.toBe(pair);
      expect(await statusOf(gateway, ticketOf(browser) ?? '')).toBe(200);
    },
  ],
];

async function statusOf(gateway: World['gateway'], pair: string): Promise<number> {
  const url = `${gateway.app('app')}/inside`;
  return (await new Client().send(url, { headers: { ...FETCH, cookie: pair } })).status;
}

describe.each([
  ['Redis', inRedis],
  ['the state file', inFile],
])('REDIS-restore: a session whose record is restored into %s', (_, open) => {
  let opened: Opened;
  let world: World;
  beforeAll(async () => {
    opened = await open();
    ({ world } = opened);
    for (const name of ['alice', 'bob']) {
      const { code, err } = await world.gateway.run(['user', 'add', name], `${PASSWORD}\n`);
      if (code !== 0) throw new Error(err);
    }
  });
  afterAll(() => opened?.close());
  const inside = (pair: string) => statusOf(world.gateway, pair);

  it.each(ENDINGS)('stays ended after %s', async (_name, end) => {
    await world.gateway.run(['session', 'revoke', '--all']);
    const session = await signedIn(world.gateway, 'alice');
    expect(await inside(session.pair)).toBe(200);
    const records = await opened.records();
    expect(records.count).toBeGreaterThan(0);
    await end(session, world);
    await records.restore();
    expect(await inside(session.pair)).toBe(401);
  });

  it('continues if it had not ended, and so do those of others', async () => {
    await world.gateway.run(['user', 'passwd', 'alice'], `${PASSWORD}\n`);
    const [alice, bob] = [
      await signedIn(world.gateway, 'alice'),
      await signedIn(world.gateway, 'bob'),
    ];
    const records = await opened.records();
    await world.gateway.run(['session', 'revoke', '--user', 'alice']);
    await opened.lose();
    await records.restore();
    expect(await inside(alice.pair)).toBe(401);
    expect(await inside(bob.pair)).toBe(200);
    // A gateway without a cache replies the same.
    await world.gateway.stop();
    await world.gateway.start();
    await records.restore();
    expect(await inside(alice.pair)).toBe(401);
    expect(await inside(bob.pair)).toBe(200);
    expect(await inside((await signedIn(world.gateway, 'bob')).pair)).toBe(200);
  });
});

describe('REDIS-restore: a session that ended', () => {
  it('stays ended when a replica takes over that has not learned of it', async () => {
    const soon = { args: ['--repl-diskless-sync-delay', '0'] };
    const [primary, replica] = [await startRedis(soon), await startRedis(soon)];
    const [first, second] = [new Redis(primary.url), new Redis(replica.url)];
    const world = await startWorld({ ...OPTIONS, directories: FILE, state: primary.url });
    const isSynced = (server: Redis) => async () =>
      (await server.info('replication')).includes('master_link_status:up');
    try {
      const inside = (pair: string) => statusOf(world.gateway, pair);
      const [gone, lasting] = [await world.signIn('alice'), await world.signIn('bob')];
      await second.replicaof('127.0.0.1', primary.port);
      await until('the replica has every session', isSynced(second));
      await second.replicaof('NO', 'ONE');
      await signOut(gone, world);
      expect(await inside(gone.pair)).toBe(401);
      await primary.kill();
      await primary.start();
      await until('Redis is reached', async () => (await first.ping()) === 'PONG');
      await first.replicaof('127.0.0.1', replica.port);
      await until('it has the old sessions', isSynced(first));
      await first.replicaof('NO', 'ONE');
      await until('bob is signed in', async () => (await inside(lasting.pair)) === 200);
      expect(await inside(gone.pair)).toBe(401);
    } finally {
      for (const client of [first, second]) client.disconnect();
      await world.close();
      await Promise.all([primary.stop(), replica.stop()]);
    }
  });
});
