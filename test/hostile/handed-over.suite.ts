/**
 * A session on its way from the portal to the host of an app, tried as an attacker would: used codes,
 * stolen codes, codes for another host or browser, tickets of other hosts. Through any mode, and with
 * one cookie for each root domain as with one for each host.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client, FETCH } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { startWorld, type World } from './fixture.ts';
import type { Mode } from './modes.ts';

const NO_SESSION = /^doorward=[^;]/;

/** Registers the suite. `session`: the value of `session` in the configuration. */
export function handedOverSuite(mode: Mode, session: string): void {
  let world: World;
  let app: string;
  let shop: string;
  beforeAll(async () => {
    const front = mode.front === null ? {} : { front: mode.front };
    world = await startWorld({
      trusted: mode.front !== null,
      ...front,
      session,
      routes: ({ origin }) => [`{ id: shop, host: shop.other.test, upstream: "${origin}" }`],
    });
    app = `http://app.gw.test:${world.port}`;
    shop = `http://shop.other.test:${world.port}`;
  });
  afterAll(() => world?.close());
  beforeEach(() => void (world.app.seen.length = 0));

  /** A browser that is signed in at the portal, and on no app's host outside its domain. */
  const atPortal = async (user = 'alice'): Promise<Client> => {
    const client = new Client();
    await client.signIn(`${world.gateway.portal}/`, user, PASSWORD);
    return client;
  };
  /** The URL with the code that the browser is sent to, which it has not opened. */
  const arrival = async (client: Client, url = `${shop}/x`): Promise<string> => {
    let answer = await client.open(url);
    for (let hops = 0; hops < 5 && !answer.location.includes('/.doorward/arrive?'); hops += 1) {
      answer = await client.open(answer.location);
    }
    expect(answer.location).toMatch(/\/\.doorward\/arrive\?code=[\w-]{22}$/);
    return answer.location;
  };
  /** What a refusal must show: its code and a way on, no cookie with a ticket, and nothing at an app. */
  const refusalOf = (answer: Answer, code: string) => ({
    status: answer.status,
    names: answer.body.includes(code) ? code : answer.body,
    tickets: answer.cookies.filter((line) => NO_SESSION.test(line)),
    leadsOn: answer.body.includes(`href="${new URL(answer.url).origin}/`),
    seen: world.app.seen,
  });
  const refused = (status: number, names: string) => ({
    status,
    names,
    tickets: [],
    leadsOn: true,
    seen: [],
  });

  describe('one sign-in', () => {
    it('serves all hosts, and leads to the exact URL', async () => {
      const client = new Client();
      const exact = `${shop}/deep/er?x=1&y=%20z&z=%2F%26`;
      expect((await client.signIn(exact, 'alice', PASSWORD)).url).toBe(exact);
      expect(world.app.seen.map(({ target }) => target)).toEqual(['/deep/er?x=1&y=%20z&z=%2F%26']);
      const other = await client.follow(`${app}/a`);
      expect([other.status, other.url]).toEqual([200, `${app}/a`]);
    });

    it('reaches a script by the address in its 401', async () => {
      const client = await atPortal();
      const answer = await client.send(`${shop}/api`, { headers: FETCH });
      expect(answer.status).toBe(401);
      const { reason, login_url } = JSON.parse(answer.body) as Record<string, string>;
      expect(reason).toBe('session/none');
      expect((await client.follow(login_url ?? '')).url).toBe(`${shop}/api`);
    });

    it('works in two tabs at once', async () => {
      const client = await atPortal();
      const [one, two] = [await arrival(client, `${shop}/1`), await arrival(client, `${shop}/2`)];
      expect((await client.follow(one)).url).toBe(`${shop}/1`);
      expect((await client.follow(two)).url).toBe(`${shop}/2`);
    });

    it('shows no app a cookie with a ticket', async () => {
      const client = await atPortal();
      await client.follow(`${shop}/x`);
      await client.follow(`${app}/x`);
      const fields = world.app.seen.flatMap(({ rawHeaders }) => rawHeaders).join('\n');
      expect(world.app.seen).toHaveLength(2);
      expect(fields).not.toMatch(/doorward(?:-portal)?=/);
    });

    it('ends on all hosts with a sign-out from one', async () => {
      const client = await atPortal();
      await client.follow(`${app}/x`);
      await client.follow(`${shop}/x`);
      const page = await client.follow(`${shop}/.doorward/sign-out`);
      const end = await client.submitAndFollow(page, {});
      expect(end.body).toContain('You are signed out');
      expect(client.cookieHeader('shop.other.test')).not.toMatch(/(?:^|; )doorward=/);
      for (const host of [app, shop]) {
        expect((await client.send(`${host}/x`, { headers: FETCH })).status).toBe(401);
      }
    });

    it('ends on all hosts when it is revoked', async () => {
      const client = await atPortal('carol');
      await client.follow(`${app}/x`);
      await client.follow(`${shop}/x`);
      expect((await world.gateway.run(['session', 'revoke', '--user', 'carol'])).code).toBe(0);
      for (const host of [app, shop, world.gateway.portal]) {
        expect((await client.send(`${host}/`, { headers: FETCH })).status).toBe(401);
      }
    });

    it('reaches the hosts again after it was renewed', async () => {
      const client = await atPortal();
      await client.follow(`${shop}/x`);
      await client.signIn(`${world.gateway.portal}/flow/login?as=same`, 'alice', PASSWORD);
      expect((await client.send(`${shop}/x`, { headers: FETCH })).status).toBe(401);
      expect((await client.follow(`${shop}/y`)).url).toBe(`${shop}/y`);
    });
  });

  describe('a code', () => {
    it('is good once', async () => {
      const client = await atPortal();
      const url = await arrival(client);
      expect((await client.open(url)).status).toBe(303);
      expect(refusalOf(await client.open(url), 'handover/spent')).toEqual(
        refused(410, 'handover/spent'),
      );
    });

    it('is good for one of many simultaneous requests', async () => {
      const client = await atPortal();
      const url = await arrival(client);
      const answers = await Promise.all(Array.from({ length: 10 }, () => client.open(url)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        303,
        ...Array.from({ length: 9 }, () => 410),
      ]);
    });

    it('is worthless in another browser, and used up by the attempt', async () => {
      const client = await atPortal();
      const url = await arrival(client);
      expect(refusalOf(await new Client().open(url), 'handover/other-browser')).toEqual(
        refused(403, 'handover/other-browser'),
      );
      expect(refusalOf(await client.open(url), 'handover/spent')).toEqual(
        refused(410, 'handover/spent'),
      );
      expect((await client.follow(`${shop}/again`)).url).toBe(`${shop}/again`);
    });

    it('is worthless in another browser that has a nonce of its own', async () => {
      const thief = await atPortal('bob');
      await arrival(thief);
      expect(
        refusalOf(await thief.open(await arrival(await atPortal())), 'handover/other-browser'),
      ).toEqual(refused(403, 'handover/other-browser'));
    });

    it('signs no other user in as the attacker who sends it', async () => {
      const victim = await atPortal();
      await arrival(victim);
      const url = await arrival(await atPortal('bob'));
      expect(refusalOf(await victim.open(url), 'handover/other-browser')).toEqual(
        refused(403, 'handover/other-browser'),
      );
      await victim.follow(`${shop}/y`);
      expect(world.app.seen.at(-1)?.rawHeaders).toContain('alice');
    });

    it('is worthless on another host, even with the nonce', async () => {
      const client = await atPortal();
      const url = new URL(await arrival(client));
      const nonce = client.cookieHeader('shop.other.test');
      const answer = await new Client().open(`${app}${url.pathname}${url.search}`, {
        cookie: nonce,
      });
      expect(refusalOf(answer, 'handover/other-host')).toEqual(refused(403, 'handover/other-host'));
    });

    it.each([
      ['without a nonce', () => ''],
      ['with an empty nonce', () => 'doorward-handover='],
      ['with two nonces', (own: string) => `${own}; ${own}`],
      [
        'with another nonce beside it',
        (own: string) => `doorward-handover=${'A'.repeat(22)}; ${own}`,
      ],
      ['with a longer nonce', (own: string) => `${own}A`],
    ])('is worthless %s', async (_, cookies) => {
      const client = await atPortal();
      const url = await arrival(client);
      const own =
        /doorward-handover=[\w-]+/.exec(client.cookieHeader('shop.other.test'))?.[0] ?? '';
      const answer = await new Client().open(url, { cookie: cookies(own) });
      expect(refusalOf(answer, 'handover/other-browser')).toEqual(
        refused(403, 'handover/other-browser'),
      );
    });

    it.each([
      ['', 400, 'handover/code'],
      ['?code=', 400, 'handover/code'],
      ['?code=CODE&code=CODE', 400, 'handover/code'],
      ['?code=CODEA', 400, 'handover/code'],
      ['?code=CODE%00', 400, 'handover/code'],
      ['?Code=CODE', 400, 'handover/code'],
      [`?code=${'A'.repeat(22)}`, 410, 'handover/spent'],
    ])('must be sent as it is: %s', async (query, status, code) => {
      const client = await atPortal();
      const url = await arrival(client);
      const value = url.slice(-22);
      const answer = await client.open(
        `${shop}/.doorward/arrive${query.replaceAll('CODE', value)}`,
      );
      expect(refusalOf(answer, code)).toEqual(refused(status, code));
      expect((await client.open(url)).status).toBe(303);
    });

    it('is not used up by a HEAD or a POST', async () => {
      const client = await atPortal();
      const url = await arrival(client);
      for (const method of ['HEAD', 'POST', 'OPTIONS']) {
        const answer = await client.send(url, { method });
        expect([answer.status, answer.cookies]).toEqual([405, []]);
      }
      expect((await client.open(url)).status).toBe(303);
    });

    it('is refused to a script as JSON with an address to start at', async () => {
      const client = await atPortal();
      const url = await arrival(client);
      await client.open(url);
      const answer = await client.send(url, { headers: FETCH });
      expect(answer.status).toBe(410);
      expect(JSON.parse(answer.body)).toMatchObject({
        error: 'handover/spent',
        start_url: `${shop}/`,
      });
    });

    it('appears in no log', async () => {
      const client = await atPortal();
      const code = (await arrival(client)).slice(-22);
      await client.open(`${shop}/.doorward/arrive?code=${code}`);
      await client.follow(`${shop}/x`);
      expect(world.gateway.output()).not.toContain(code);
    });
  });

  describe('a request for a session', () => {
    const request = async (client: Client): Promise<string> =>
      (await client.open(`${shop}/.doorward/handover?rd=${encodeURIComponent(`${shop}/x`)}`))
        .location;

    it('costs anonymous visitors nothing but a way to the sign-in', async () => {
      const client = new Client();
      const answer = await client.open(await request(client));
      expect(answer.location).toBe(`${shop}/x`);
    });

    it.each([
      [
        'a changed byte',
        (url: string) => `${url.slice(0, -3)}${url.at(-3) === 'A' ? 'B' : 'A'}${url.slice(-2)}`,
      ],
      ['nothing', (url: string) => url.replace(/\?.*/, '')],
      ['two', (url: string) => `${url}&request=${new URL(url).searchParams.get('request')}`],
      ['thousands of letters', (url: string) => `${url}${'A'.repeat(6000)}`],
    ])('is refused with %s', async (_, change) => {
      const client = await atPortal();
      const answer = await client.open(change(await request(client)));
      expect([answer.status, answer.location]).toEqual([400, '']);
      expect(answer.body).toContain('handover/request');
    });

    it.each([
      ['another site', 'http://evil.test/'],
      ['another host', 'APP/x'],
      ['the portal', 'PORTAL/flow/logout'],
      ['a path of ours', 'SHOP/.doorward/handover?rd=x'],
      ['another port', 'http://shop.other.test:1/'],
      ['userinfo', 'http://shop.other.test@evil.test/'],
      ['a relative URL', '//evil.test/'],
      ['nothing', ''],
    ])('never leads to %s', async (_, rd) => {
      const client = await atPortal();
      const url = rd
        .replace('APP', app)
        .replace('SHOP', shop)
        .replace('PORTAL', world.gateway.portal);
      const begun = await client.open(`${shop}/.doorward/handover?rd=${encodeURIComponent(url)}`);
      const arriving = await client.open(begun.location);
      expect((await client.open(arriving.location)).location).toBe(`${shop}/`);
    });
  });

  describe('a ticket', () => {
    const valueAt = (client: Client, host: string, name = 'doorward'): string =>
      new RegExp(`(?:^|; )${name}=([^;]+)`).exec(client.cookieHeader(host))?.[1] ?? '';
    const ask = (host: string, cookie: string) =>
      new Client().send(`${host}/x`, { headers: { ...FETCH, cookie } });
    const reasonOf = ({ body }: Answer): unknown =>
      (JSON.parse(body) as Record<string, unknown>)['reason'];

    it('of one host is no session on a host of another domain', async () => {
      const client = await atPortal();
      await client.follow(`${shop}/x`);
      await client.follow(`${app}/x`);
      world.app.seen.length = 0;
      const [ofShop, ofApp] = [valueAt(client, 'shop.other.test'), valueAt(client, 'app.gw.test')];
      expect([ofShop === '', ofApp === '']).toEqual([false, false]);
      for (const [host, value] of [[app, ofShop] as const, [shop, ofApp] as const]) {
        const answer = await ask(host, `doorward=${value}`);
        expect([answer.status, reasonOf(answer)]).toEqual([401, 'session/other-host']);
      }
      expect(world.app.seen).toEqual([]);
    });

    it('of an app is no session at the portal, and none of the portal’s is one at an app', async () => {
      const client = await atPortal();
      await client.follow(`${app}/x`);
      world.app.seen.length = 0;
      const { portal } = world.gateway;
      const ofApp = valueAt(client, 'app.gw.test');
      const ofPortal = valueAt(client, 'auth.gw.test', 'doorward-portal');
      expect(ofPortal).not.toBe('');
      expect((await ask(portal, `doorward=${ofApp}`)).status).toBe(404);
      for (const cookie of [`doorward=${ofApp}`, `doorward-portal=${ofApp}`]) {
        const answer = await new Client().send(`${portal}/`, { headers: { ...FETCH, cookie } });
        expect(answer.status).toBe(401);
        const login = await new Client().send(`${portal}/api/flow/login`, {
          headers: { ...FETCH, cookie },
        });
        expect(login.body).toContain('identification');
      }
      const answer = await ask(app, `doorward=${ofPortal}`);
      expect([answer.status, reasonOf(answer)]).toEqual([401, 'session/other-host']);
      expect(world.app.seen).toEqual([]);
    });

    it('planted beside the visitor’s own locks no visitor out', async () => {
      const client = await atPortal();
      await client.follow(`${shop}/x`);
      client.setCookie('doorward', 'planted', 'other.test');
      expect((await client.send(`${shop}/x`, { headers: FETCH })).status).toBe(401);
      expect((await client.follow(`${shop}/y`)).url).toBe(`${shop}/y`);
    });
  });
}
