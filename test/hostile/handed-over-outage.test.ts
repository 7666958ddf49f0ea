/**
 * A handover during which Redis is killed, at each of its steps: nothing opens, the page says so, and
 * the same address leads on when Redis is back. Without a proxy, and through nginx.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from './fixture.ts';
import { behindNginx, isAway, type Mode, ownProxy } from './modes.ts';

const env = { DOORWARD_SESSION__SECRETS: '7c2f5b90-62d1-4b7e-9a55-d0f4a1e6c833' };
const TICKET = /^(?:__Host-)?doorward(?:-portal)?=[^;]/;

const SESSIONS = ['{ cookie_domains: [gw.test, other.test] }', '{ cookies: host }'];

describe.each<Mode>([ownProxy, behindNginx].filter((mode) => !isAway(mode)))(
  'through $name',
  (mode) => {
    describe.each(SESSIONS)('with session: %s', (session) => {
      let redis: RedisServer;
      let world: World;
      let shop: string;
      beforeAll(async () => {
        redis = await startRedis({ persist: true });
        world = await startWorld({
          trusted: mode.front !== null,
          ...(mode.front === null ? {} : { front: mode.front }),
          state: redis.url,
          env,
          session,
          routes: ({ origin }) => [`{ id: shop, host: shop.other.test, upstream: "${origin}" }`],
        });
        shop = `http://shop.other.test:${world.port}`;
      });
      afterAll(async () => {
        await world?.close();
        await redis?.stop();
      });
      beforeEach(async () => {
        const url = `${world.gateway.portal}/flow/login`;
        await until('Redis is back', async () => (await new Client().open(url)).status === 200);
        world.app.seen.length = 0;
      });

      /** Follows a browser's way from the app's URL up to the one that matches. */
      const upTo = async (client: Client, step: RegExp): Promise<string> => {
        let url = `${shop}/x?y=%20z`;
        for (let hops = 0; hops < 6 && !step.test(url); hops += 1) {
          url = (await client.open(url)).location;
        }
        expect(url).toMatch(step);
        return url;
      };
      const nothing = (answer: Answer) => {
        expect(answer.cookies.filter((line) => TICKET.test(line))).toEqual([]);
        expect(world.app.seen).toEqual([]);
      };

      it.each([
        ['when the app asks for a session', /\/\.doorward\/handover\?rd=/],
        ['when the portal is to give the code', /\/\.doorward\/handover\?request=/],
        ['when the code arrives', /\/\.doorward\/arrive\?code=/],
      ])('%s, nothing opens', async (_, step) => {
        const client = new Client();
        await client.signIn(`${world.gateway.portal}/`, 'alice', PASSWORD);
        const url = await upTo(client, step);
        await redis.kill();
        try {
          let during = await client.open(url);
          // The first step only sets a nonce, for which the store is not asked.
          if (during.location.includes('?request=')) during = await client.open(during.location);
          nothing(during);
          expect([during.status, during.location]).toEqual([503, '']);
          expect(during.body).toContain('Temporarily unavailable');
        } finally {
          await redis.start();
        }
        await until('the same address leads on', async () => {
          const after = await client.follow(url);
          return after.status === 200 && after.url === `${shop}/x?y=%20z`;
        });
        expect(world.app.seen.at(-1)?.rawHeaders).toContain('alice');
      });

      it('after it, the app is closed while Redis is away', async () => {
        const client = new Client();
        await client.signIn(`${shop}/x`, 'alice', PASSWORD);
        world.app.seen.length = 0;
        await redis.kill();
        try {
          const during = await client.open(`${shop}/x`);
          nothing(during);
          expect([during.status, during.location]).toEqual([503, '']);
        } finally {
          await redis.start();
        }
        await until('it opens again', async () => (await client.open(`${shop}/x`)).status === 200);
      });
    });
  },
);
