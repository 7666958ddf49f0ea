/**
 * One journey for every proxy: users, scripts and attackers see the same whether Doorward is the
 * proxy or another one queries it. Real sockets, a real gateway, the files of examples/.
 */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client, FETCH, unescapeHtml } from '../support/client.ts';
import { dial, echo, identityOf, type Journey, last, reached } from '../support/journey.ts';
import { sendRaw } from '../support/raw.ts';
import { type Door, PASSWORD, type Site, startSite } from '../support/site.ts';
import { attacks } from './site-attacks.suite.ts';

/** URLs that careless code truncates, decodes or encodes twice. */
const DESTINATIONS = [
  '/',
  '/search?a=1&b=2&a=3',
  "/search?q=it%20is+1%2B1&who='o%27brien'&empty=&flag",
  '/search?q=grüße&emoji=😈&rd=https://wiki.demo.localhost/?x=1%26y=2',
  '/search?filter={"a":[1,2]}&range=[0..9]&pipe=a|b',
  '/pages/caf%C3%A9%20au%20lait/%E2%82%AC%2B1/(draft)!/it%27s,@home:1',
  '/pages/über uns/{id}/',
  '/search?next=%2Fadmin%2F..%2F%3Fa%3D1%23top&percent=100%25',
];

/** Runs the whole journey behind a proxy; `more` adds what only this proxy can show. */
export function siteJourney(door: Door, more?: (at: () => Journey) => void): void {
  describe(`a site ${door.name}`, () => {
    let site: Site;
    let ann: Client;
    let bea: Client;
    const at = (): Journey => ({ site, ann, bea });

    beforeAll(async () => {
      site = await startSite(door);
      [ann, bea] = [new Client(), new Client()];
      await ann.signIn(`${site.wiki}/`, 'ann', PASSWORD);
      await bea.signIn(`${site.wiki}/`, 'bea', PASSWORD);
    });
    afterAll(() => site?.close());
    beforeEach(() => {
      site.apps.wiki.seen.length = 0;
      site.apps.board.seen.length = 0;
    });

    describe('an anonymous visitor', () => {
      it.each(DESTINATIONS)(
        'is redirected to the sign-in page and back to exactly %s',
        async (target) => {
          const url = new URL(target, site.wiki);
          const visitor = new Client();
          const first = await visitor.open(url.href);
          expect(first.status).toBe(302);
          expect(first.location).toBe(
            `${site.portal}/flow/login?rd=${encodeURIComponent(url.href).replaceAll("'", '%27')}`,
          );
          const end = echo(await visitor.signIn(url.href, 'ann', PASSWORD));
          // Characters that browsers send unencoded in a path may arrive encoded: the same URL (RFC
          // 3986 §6.2.2).
          expect(decodeURI(end.url)).toBe(decodeURI(url.pathname + url.search));
          expect(end.url.slice(end.url.indexOf('?'))).toContain(url.search);
          expect(reached(site).map((seen) => seen.method)).toEqual(['GET']);
        },
      );

      it('sees which app requires the sign-in', async () => {
        const page = await new Client().follow(`${site.wiki}/`);
        expect(page.url.startsWith(`${site.portal}/flow/login?`)).toBe(true);
        expect(page.body).toContain('wiki.demo.localhost');
      });

      it('as a script gets 401, and JSON with the sign-in URL', async () => {
        const url = `${site.wiki}/api/items?page=2&size=10`;
        for (const headers of [FETCH, { 'x-requested-with': 'XMLHttpRequest' }, {}]) {
          const answer = await new Client().send(url, { headers });
          expect(answer.status).toBe(401);
          expect(answer.headers['content-type']).toContain('application/json');
          expect(answer.headers['cache-control']).toBe('no-store');
          expect(answer.headers['set-cookie']).toBeUndefined();
          expect(JSON.parse(answer.body)).toMatchObject({
            reason: 'session/none',
            login_url: `${site.portal}/flow/login?rd=${encodeURIComponent(url)}`,
          });
        }
        expect(reached(site)).toEqual([]);
      });

      it('never has a form sent again, neither to the sign-in page nor afterwards', async () => {
        const visitor = new Client();
        const url = `${site.wiki}/orders?draft=1`;
        const answer = await visitor.send(url, {
          method: 'POST',
          headers: {
            accept: 'text/html',
            'sec-fetch-mode': 'navigate',
            'content-type': 'application/x-www-form-urlencoded',
            referer: `${site.wiki}/orders/new?draft=1`,
          },
          body: 'item=42&secret=s3cret',
        });
        expect(answer.status).toBe(303);
        const end = echo(await visitor.signIn(answer.location, 'ann', PASSWORD));
        expect(end).toMatchObject({ method: 'GET', url: '/orders/new?draft=1', size: 0 });
        expect(reached(site).map((seen) => seen.body)).toEqual(['']);
      });

      it('may open public pages, anonymously', async () => {
        const answer = await new Client().send(`${site.wiki}/assets/app.css?v=2`);
        expect(echo(answer)).toMatchObject({ app: 'wiki', url: '/assets/app.css?v=2' });
        expect(identityOf(last(site))).toEqual([]);
      });

      it('opens no websocket', async () => {
        expect(await dial(site, site.wiki, new Client())).toBe(401);
        expect(reached(site)).toEqual([]);
      });

      it('finds nothing under a host without a route', async () => {
        const raw = await sendRaw(
          site.port,
          `GET / HTTP/1.1\r\nHost: evil.example:${site.port}\r\nConnection: close\r\n\r\n`,
        );
        expect(raw).not.toContain('"app"');
        expect(reached(site)).toEqual([]);
      });
    });

    describe('a user who signed in once', () => {
      it('is signed in to every app at once, with username and groups', async () => {
        expect(echo(await ann.open(`${site.board}/today`))).toMatchObject({ app: 'board' });
        const seen = last(site, 'board');
        expect(seen.values('Remote-User')).toEqual(['ann']);
        expect(seen.values('Remote-Groups').map((groups) => groups.split(',').sort())).toEqual([
          ['admins', 'staff'],
        ]);
        await bea.open(`${site.wiki}/`);
        expect(last(site).values('Remote-User')).toEqual(['bea']);
        expect(last(site).values('Remote-Name')).toEqual(['Béa Ünsal 😈']);
        expect(last(site).values('Remote-Groups')).toEqual([]);
      });

      it('is confirmed by a signature that the app can verify', async () => {
        await ann.open(`${site.wiki}/`);
        const jwks = await ann.send(`${site.portal}/.well-known/jwks.json`);
        const keys = createLocalJWKSet(JSON.parse(jwks.body) as JSONWebKeySet);
        const { payload } = await jwtVerify(last(site).values('X-Doorward-Jwt')[0] ?? '', keys, {
          issuer: site.portal,
          audience: 'wiki',
        });
        expect(payload).toMatchObject({ preferred_username: 'ann', groups: ['admins', 'staff'] });
      });

      it('sends requests that arrive complete and once', async () => {
        const body = 'x'.repeat(3_000_000);
        const answer = await ann.send(`${site.wiki}/upload`, { method: 'PUT', body });
        expect(echo(answer)).toMatchObject({ method: 'PUT', url: '/upload', size: body.length });
        expect(reached(site)).toHaveLength(1);
      });

      it('has a websocket, checked when it opens', async () => {
        expect(await dial(site, site.wiki, ann)).toBe('echoed');
        expect(last(site).values('Remote-User')).toEqual(['ann']);
        expect(await dial(site, site.board, bea)).toBe(403);
        expect(await dial(site, site.wiki, ann, 'http://evil.example')).toBe(403);
        expect(reached(site)).toHaveLength(1);
      });

      it('sees on a page why an app is closed to them, and what would help', async () => {
        const answer = await bea.open(`${site.board}/plans?a=1&b=%20`);
        expect(answer.status).toBe(403);
        expect(answer.headers['content-type']).toContain('text/html');
        expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
        expect(answer.body).toContain('Only members of certain groups have access');
        expect(answer.body).toContain('group/not-member');
        expect(answer.body).toContain(answer.headers['x-request-id']);
        const other =
          /href="([^"]*\/flow\/login\?as=other&amp;[^"]*)"/.exec(answer.body)?.[1] ?? '';
        const back = new URL(unescapeHtml(other)).searchParams.get('rd');
        expect(back).toBe(`${site.board}/plans?a=1&b=%20`);
        expect(reached(site)).toEqual([]);
      });

      it('gets the same refusal as JSON for a script', async () => {
        const answer = await bea.send(`${site.board}/api`, { headers: FETCH });
        expect(answer.status).toBe(403);
        expect(JSON.parse(answer.body)).toMatchObject({
          reason: 'group/not-member',
          request_id: answer.headers['x-request-id'],
        });
      });

      it('signs out of every app from inside any of them, and signs out no other user', async () => {
        const visitor = new Client();
        await visitor.signIn(`${site.wiki}/`, 'ann', PASSWORD);
        expect((await visitor.open(`${site.board}/`)).status).toBe(200);

        const leave = await visitor.open(`${site.board}/.doorward/sign-out`);
        expect(leave.status).toBe(302);
        expect(leave.location.startsWith(`${site.portal}/flow/logout?`)).toBe(true);
        const question = await visitor.follow(leave.location);
        // Opening the page by a link ends nothing yet.
        expect((await visitor.open(`${site.wiki}/`)).status).toBe(200);
        const ticket = visitor.cookieHeader('wiki.demo.localhost');
        const goodbye = await visitor.submitAndFollow(question, {});
        expect([goodbye.status, goodbye.body]).toEqual([
          200,
          expect.stringContaining('signed out'),
        ]);

        for (const app of [site.wiki, site.board]) {
          expect((await visitor.open(`${app}/`)).status).toBe(302);
          const stolen = await new Client().open(`${app}/`, { cookie: ticket });
          expect(stolen.status).toBe(302);
        }
        expect((await ann.open(`${site.wiki}/`)).status).toBe(200);
      });

      it('is signed out as soon as an operator revokes the session', async () => {
        const visitor = new Client();
        await visitor.signIn(`${site.wiki}/`, 'bea', PASSWORD);
        expect((await site.run('session', 'revoke', '--user', 'bea')).code).toBe(0);
        await expect.poll(async () => (await visitor.open(`${site.wiki}/`)).status).toBe(302);
        // She came through this flow a moment ago; a minute later, the browser has forgotten it.
        bea.setCookie('doorward-ended', '', new URL(site.portal).hostname, true);
        await bea.signIn(`${site.wiki}/`, 'bea', PASSWORD);
      });
    });

    attacks(at);
    more?.(at);

    it('has no access while the gateway is down, and is still signed in when it is back', async () => {
      await site.stopGateway();
      for (const path of ['/', '/assets/app.css', '/.doorward/sign-out']) {
        const isFault = await ann.open(site.wiki + path).then(
          (answer) => answer.status >= 500,
          () => true,
        );
        expect([path, isFault]).toEqual([path, true]);
      }
      expect(reached(site)).toEqual([]);
      await site.startGateway();
      expect(echo(await ann.open(`${site.wiki}/again`))).toMatchObject({ url: '/again' });
      expect(last(site).values('Remote-User')).toEqual(['ann']);
    });
  });
}
