/**
 * Where sign-outs lead, by Doorward itself and behind nginx: only to an address that is listed for the app,
 * exactly as it is listed, however a link spells or repeats it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, sendRaw } from '../support/raw.ts';
import { NAVIGATION } from '../support/client.ts';
import { startWorld, type World } from './fixture.ts';
import { behindNginx, isAway, ownProxy } from './modes.ts';

const BYE = 'https://www.example.org/bye?from=app';
const HOME = 'https://www.example.org/home';
const SHOP = 'https://shop.example.net:8443/thanks';

/** Values of `rd` that are no listed address, whatever a lenient reader makes of them. */
const HOSTILE: readonly string[] = [
  'https://evil.test/',
  'https://www.example.org/',
  'https://www.example.org/bye',
  'https://WWW.example.org/bye?from=app',
  'HTTPS://www.example.org/bye?from=app',
  'https://www.example.org./bye?from=app',
  'https://www.example.org:443/bye?from=app',
  'https://www.example.org:8443/bye?from=app',
  'https://www.example.org@evil.test/bye?from=app',
  'https://evil.test@www.example.org/bye?from=app',
  'https://www.example.org/bye?from=app#x',
  'https://www.example.org/bye?from=app&x',
  'https://www.example.org/bye?from=%61pp',
  'https://www.example.org/bye/?from=app',
  'https://www.example.org/x/../bye?from=app',
  'https://www.example.org\\bye?from=app',
  'https:\\\\www.example.org/bye?from=app',
  'https:/www.example.org/bye?from=app',
  'https:www.example.org/bye?from=app',
  '//www.example.org/bye?from=app',
  'http://www.example.org/bye?from=app',
  ' https://www.example.org/bye?from=app',
  'https://www.example.org/bye?from=app\n',
  'https://www.example.org/bye?from=app\0',
  'https://www.exa\tmple.org/bye?from=app',
  'https://www.example.org/bye?from=app,https://evil.test/',
  'https://www\u3002example.org/bye?from=app',
  'javascript:alert(1)//https://www.example.org/bye?from=app',
  '/\\evil.test',
  '',
];

for (const mode of [ownProxy, behindNginx]) {
  describe.skipIf(isAway(mode))(`SIGN-OUT-to through ${mode.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({
        trusted: mode.front !== null,
        ...(mode.front === null ? {} : { front: mode.front }),
        session: '{ cookie_domains: [gw.test, gw.localhost], cookies: host }',
        extra: `throttle: { free: 1000 }\nsign_out_to: ["${HOME}", "${BYE}"]`,
        routes: ({ origin }) => [
          `{ id: shop, host: shop.gw.test, upstream: "${origin}", sign_out_to: ["${SHOP}"] }`,
          `{ id: quiet, host: quiet.gw.localhost, upstream: "${origin}", sign_out_to: [] }`,
        ],
      });
    });
    afterAll(() => world?.close());

    const get = async (host: string, target: string) => {
      const lines = [
        `GET ${target} HTTP/1.1`,
        `Host: ${host}:${world.port}`,
        ...Object.entries(NAVIGATION).map(([name, value]) => `${name}: ${value}`),
        'Connection: close',
      ];
      const [answer] = answersOf(await sendRaw(world.port, `${lines.join('\r\n')}\r\n\r\n`));
      return { ...answer, to: /^location: (\S*)/im.exec(answer?.head ?? '')?.[1] ?? null };
    };
    /** Where a visitor without a session lands: the address that the app's link leads to, and the portal's reply. */
    const led = async (host: string, query: string): Promise<readonly (string | null)[]> => {
      const { to } = await get(host, `/.doorward/sign-out${query}`);
      const flow = new URL(to ?? 'http://none');
      expect(flow.origin).toBe(world.gateway.portal);
      const { to: end } = await get('auth.gw.test', flow.pathname + flow.search);
      return [flow.searchParams.get('rd'), end];
    };
    const rd = (url: string): string => `rd=${encodeURIComponent(url)}`;

    it('leads to the listed addresses', async () => {
      expect(await led('app.gw.test', '')).toEqual([HOME, HOME]);
      expect(await led('app.gw.test', `?${rd(BYE)}`)).toEqual([BYE, BYE]);
      expect(await led('shop.gw.test', `?${rd(SHOP)}`)).toEqual([SHOP, SHOP]);
      const { to } = await get('auth.gw.test', `/flow/logout?${rd(SHOP)}`);
      expect(to).toBe(SHOP);
    });

    it.each(HOSTILE)('leads to the default with %j', async (url) => {
      expect(await led('app.gw.test', `?${rd(url)}`)).toEqual([HOME, HOME]);
      expect((await get('auth.gw.test', `/flow/logout?${rd(url)}`)).to).toBe(HOME);
    });

    it.each([
      [`?${rd(BYE)}&${rd('https://evil.test/')}`],
      [`?${rd('https://evil.test/')}&${rd(BYE)}`],
      [`?${rd(BYE)}&${rd(BYE)}`],
      [`?rd[]=${encodeURIComponent(BYE)}`],
      [`?RD=${encodeURIComponent(BYE)}`],
      [`?x=1;${rd(BYE)}`],
      [`?${rd(encodeURIComponent(BYE))}`],
    ])('leads to the default with the query %s', async (query) => {
      expect(await led('app.gw.test', query)).toEqual([HOME, HOME]);
      expect((await get('auth.gw.test', `/flow/logout${query}`)).to).toBe(HOME);
    });

    it('keeps the lists of apps apart', async () => {
      expect(await led('shop.gw.test', `?${rd(BYE)}`)).toEqual([SHOP, SHOP]);
      expect(await led('app.gw.test', `?${rd(SHOP)}`)).toEqual([HOME, HOME]);
      const quiet = `http://quiet.gw.localhost:${world.port}/`;
      expect(await led('quiet.gw.localhost', `?${rd(BYE)}`)).toEqual([quiet, null]);
    });

    it('a link of another site asks, and a form of another site ends nothing', async () => {
      const { client } = await world.signIn('alice');
      const target = `${world.gateway.portal}/flow/logout?${rd(BYE)}`;
      const asked = await client.open(target, { 'sec-fetch-site': 'cross-site' });
      expect([asked.status, asked.location]).toEqual([200, '']);
      const formAction = asked.headers['content-security-policy']?.match(/form-action [^;]*/)?.[0];
      expect(formAction).toBe("form-action 'self' https://www.example.org");
      const senders = [
        { origin: 'https://www.example.org', 'sec-fetch-site': 'cross-site' },
        { origin: 'null' },
        { origin: world.gateway.app('app'), 'sec-fetch-site': 'same-site' },
      ];
      for (const sender of senders) {
        const forced = await client.send(target, {
          method: 'POST',
          headers: {
            ...NAVIGATION,
            ...sender,
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: rd(BYE),
        });
        expect([forced.status, forced.location]).toEqual([403, '']);
      }
      expect((await client.open(`${world.gateway.app('app')}/x`)).status).toBe(200);
      const left = await client.submit(asked, {});
      expect([left.status, left.location]).toEqual([303, BYE]);
      expect((await client.open(`${world.gateway.app('app')}/x`)).status).toBe(302);
    });
  });
}
