/** Two gateways on one Redis and one Postgres are one gateway, also after Postgres was killed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Gateway, PASSWORD } from '../support/gateway.ts';
import { adminStatus, signInAt, startBefore } from '../support/operations.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

describe.skipIf(isLeftOut('postgres'))(
  'Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let app: WebApp;
    let redis: RedisServer;
    let postgres: Postgres;
    let a: Gateway;
    let b: Gateway;

    beforeAll(async () => {
      [app, redis, postgres] = await Promise.all([
        startWebApp('app'),
        startRedis(),
        startPostgres(),
      ]);
      const options = {
        state: redis.url,
        directories: '[{ type: embedded }]',
        more: `database: ${postgres.create()}\n`,
      };
      // At once, so that both find an empty database.
      [a, b] = await Promise.all([startBefore(app.port, options), startBefore(app.port, options)]);
      for (const name of ['alice', 'bob', 'carol']) {
        const added = await a.run(['user', 'add', name], `${PASSWORD}\n`);
        if (added.code !== 0) throw new Error(added.err);
      }
    });
    afterAll(async () => {
      await Promise.all([a?.remove(), b?.remove()]);
      await Promise.all([redis?.stop(), postgres?.stop(), app?.close()]);
    });

    const statusAt = async (gateway: Gateway, client: Client, route = 'wiki'): Promise<number> =>
      (await client.open(`${gateway.app(route)}/`)).status;
    /** Signed in at one gateway, and known to both. */
    const signedIn = async (name: string): Promise<Client> => {
      const client = new Client();
      await signInAt(a, client, name);
      expect(await statusAt(b, client)).toBe(200);
      return client;
    };

    it('a changed group and a disabled user at one gateway count at the other', async () => {
      const alice = await signedIn('alice');
      expect(await statusAt(b, alice, 'board')).toBe(403);
      const changed = await a.run(['user', 'set', 'alice', '--add-group', 'admins']);
      expect(changed.code, changed.err).toBe(0);
      await until('the new group counts', async () => (await statusAt(b, alice, 'board')) === 200);
      const disabled = await a.run(['user', 'disable', 'alice']);
      expect(disabled.code, disabled.err).toBe(0);
      await until('alice is refused', async () => (await statusAt(b, alice)) !== 200);
    });

    it('a killed database opens nothing, loses nothing, and is found again', async () => {
      const bob = await signedIn('bob');
      const carol = await signedIn('carol');
      const disabled = await a.run(['user', 'disable', 'carol']);
      expect(disabled.code, disabled.err).toBe(0);
      await postgres.kill();
      for (const gateway of [a, b]) {
        await until('it is not ready', async () => (await adminStatus(gateway, '/readyz')) === 503);
        await until('bob is refused', async () => (await statusAt(gateway, bob)) === 503);
        expect(await statusAt(gateway, carol)).not.toBe(200);
        expect((await new Client().open(`${gateway.app('open')}/`)).status).toBe(200);
      }
      await postgres.start();
      for (const gateway of [a, b]) {
        await until('it is ready', async () => (await adminStatus(gateway, '/readyz')) === 200);
        await until('bob is served', async () => (await statusAt(gateway, bob)) === 200);
        expect(await statusAt(gateway, carol)).not.toBe(200);
      }
      await signInAt(b, new Client(), 'bob');
    });
  },
);
