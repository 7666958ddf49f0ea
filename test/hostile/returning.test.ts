/**
 * What browsers and programs receive on the way to a sign-in and back: a challenge with every 401,
 * the removal of leftover cookies, and the page of a form instead of the address it was sent to.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, FETCH, NAVIGATION } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { logOf, startWorld, ticketOf, type World } from './fixture.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: true });
});
afterAll(() => world.close());

const forwarded = (fields: Readonly<Record<string, string>>) => ({
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': `app.gw.test:${world.gateway.port}`,
  'x-forwarded-uri': '/secret',
  'x-forwarded-for': '203.0.113.9',
  ...fields,
});

describe('WWW-auth: a 401 of ours names a scheme that opens no browser dialog', () => {
  const check = (name: string, fields: Readonly<Record<string, string>>) =>
    new Client().send(`http://internal:${world.gateway.port}/.doorward/check/${name}`, {
      headers: fields,
    });
  const original = () => ({
    'x-original-url': `http://app.gw.test:${world.gateway.port}/secret`,
    'x-original-method': 'GET',
    'x-forwarded-for': '203.0.113.9',
  });

  it.each([
    [
      'from an app to a script',
      () => new Client().send(`${world.gateway.app('app')}/secret`, { headers: FETCH }),
    ],
    ['from an app to a program', () => new Client().send(`${world.gateway.app('app')}/secret`)],
    ['from the check of caddy', () => check('caddy', forwarded(FETCH))],
    ['from the check of traefik', () => check('traefik', forwarded(FETCH))],
    ['from the check of nginx to a script', () => check('nginx', { ...original(), ...FETCH })],
    ['from the check of nginx to a page', () => check('nginx', { ...original(), ...NAVIGATION })],
    ['from the portal', () => new Client().send(`${world.gateway.portal}/`, { headers: FETCH })],
    [
      'from the API of a flow',
      () =>
        new Client().send(`${world.gateway.portal}/api/flow/password-change`, { headers: FETCH }),
    ],
  ])('%s', async (_, send) => {
    const answer = await send();
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Doorward realm="sign-in"');
  });
});

describe('COOKIE-two: a leftover cookie of our name', () => {
  const LEFTOVERS: readonly (readonly [string, string, boolean])[] = [
    ['of the app’s host alone', 'app.gw.test', true],
    ['of the app’s host and below', 'app.gw.test', false],
    ['of the portal’s host alone', 'auth.gw.test', true],
    ['of the portal’s host and below', 'auth.gw.test', false],
  ];

  it.each(LEFTOVERS)(
    '%s is reported and removed, and signing in works',
    async (_, domain, hostOnly) => {
      const { client } = await world.signIn('alice');
      client.setCookie('doorward', 'leftover', domain, hostOnly);
      const landed = await client.follow(`${world.gateway.app('app')}/secret`);
      // If the portal received only one good cookie, it had nothing to ask.
      const end = landed.body.includes('"mark":"app"')
        ? landed
        : landed.body.includes('name="login"')
          ? await client.submitAndFollow(await client.submitAndFollow(landed, { login: 'alice' }), {
              password: PASSWORD,
            })
          : await client.follow(`${world.gateway.app('app')}/secret`);
      expect(end.body).toContain('"mark":"app"');
      expect(end.url).toBe(`${world.gateway.app('app')}/secret`);
      const again = await client.follow(`${world.gateway.app('app')}/secret`);
      expect(again.body).toContain('"mark":"app"');
      expect(ticketOf(client)).not.toContain('leftover');
    },
  );

  it('is the reason given to programs and in the log', async () => {
    const { pair } = await world.signIn('alice');
    const answer = await new Client().send(`${world.gateway.app('app')}/secret`, {
      headers: { ...FETCH, cookie: `${pair}; doorward=leftover` },
    });
    expect([answer.status, JSON.parse(answer.body).reason]).toEqual([401, 'session/two-cookies']);
    expect(
      answer.cookies.map((line) => line.replace(/; HttpOnly.*?(?=; Domain|; Max)/, '')),
    ).toEqual([
      'doorward=; Path=/; Max-Age=0',
      'doorward=; Path=/; Domain=app.gw.test; Max-Age=0',
      'doorward=; Path=/; Domain=gw.test; Max-Age=0',
    ]);
    await until('its line in the log', () =>
      logOf(world.gateway).some((line) => JSON.stringify(line).includes('session/two-cookies')),
    );
    world.app.seen.length = 0;
    expect(world.app.seen).toEqual([]);
  });

  it('is removed as well if it has the browser cookie’s name', async () => {
    const client = new Client();
    client.setCookie('doorward-browser', 'A'.repeat(22), 'gw.test');
    client.setCookie('doorward-browser', 'B'.repeat(22), 'auth.gw.test', true);
    const end = await client.signIn(`${world.gateway.app('app')}/secret`, 'alice', PASSWORD);
    expect(end.body).toContain('"mark":"app"');
  });
});

describe('POST-expired: a form submitted without a session', () => {
  const post = (referer: string | null) =>
    new Client().send(`${world.gateway.app('app')}/save?id=1`, {
      method: 'POST',
      headers: {
        ...NAVIGATION,
        'content-type': 'application/x-www-form-urlencoded',
        ...(referer === null ? {} : { referer }),
      },
      body: 'text=precious',
    });
  const wayBack = async (referer: string | null) => {
    const answer = await post(referer);
    expect(answer.status).toBe(303);
    const to = new URL(answer.location);
    expect(to.searchParams.get('notice')).toBe('unsent');
    return to.searchParams.get('rd');
  };

  it('leads back to the page of the form, with a notice that it was not sent', async () => {
    const app = world.gateway.app('app');
    const client = new Client();
    const sent = await client.send(`${app}/save?id=1`, {
      method: 'POST',
      headers: { ...NAVIGATION, referer: `${app}/edit?id=1` },
      body: 'text=precious',
    });
    world.app.seen.length = 0;
    const first = await client.follow(sent.location);
    expect(first.body).toContain('was not sent');
    const second = await client.submitAndFollow(first, { login: 'alice' });
    const end = await client.submitAndFollow(second, { password: PASSWORD });
    expect(end.url).toBe(`${app}/edit?id=1`);
    expect(world.app.seen.map(({ method, target }) => [method, target])).toEqual([
      ['GET', '/edit?id=1'],
    ]);
  });

  it.each([
    ['an unknown page', () => null],
    ['a page of another app', () => `${world.gateway.app('admin')}/edit`],
    ['a page of another site', () => 'http://evil.test/edit'],
    ['a page whose host begins like ours', () => `${world.gateway.app('app')}.evil.test/edit`],
    ['a page with a name before the host', () => `http://app.gw.test:1@evil.test/edit`],
    ['nonsense', () => 'javascript:alert(1)'],
  ])('leads to the front page of the app if it was sent from %s', async (_, referer) => {
    expect(await wayBack(referer())).toBe(`${world.gateway.app('app')}/`);
  });

  it('leads a script to the page it runs in', async () => {
    const app = world.gateway.app('app');
    const answer = await new Client().send(`${app}/api/save`, {
      method: 'POST',
      headers: { ...FETCH, referer: `${app}/edit` },
      body: '{}',
    });
    expect(answer.status).toBe(401);
    const url = new URL(JSON.parse(answer.body).login_url as string);
    expect(url.searchParams.get('rd')).toBe(`${app}/edit`);
  });
});

describe('PATH-zero-width: an invisible character in a protected path', () => {
  const UNSEEN = [
    '%E2%80%8B',
    '%E2%80%8D',
    '%C2%AD',
    '%EF%BB%BF',
    '%E2%81%A0',
    '%E2%80%AE',
    '%EF%B8%8F',
    '%CD%8F',
    '%F3%A0%81%A1',
    '%E1%A0%8E',
  ];

  it.each(UNSEEN)('%s gives no access, through the proxy or a check', async (unseen) => {
    const [alice, bob] = [await world.cookieOf('alice'), await world.cookieOf('bob')];
    const path = `/admin${unseen}/secret`;
    const proxied = (cookie: string) =>
      new Client().send(`${world.gateway.app('app')}${path}`, { headers: { cookie } });
    const checked = (cookie: string) =>
      new Client().send(`http://internal:${world.gateway.port}/.doorward/check/caddy`, {
        headers: forwarded({ 'x-forwarded-uri': path, cookie }),
      });
    world.app.seen.length = 0;
    expect([(await proxied(alice)).status, (await checked(alice)).status]).toEqual([403, 403]);
    expect(world.app.seen).toEqual([]);
    expect([(await proxied(bob)).status, (await checked(bob)).status]).toEqual([200, 200]);
    expect(world.app.seen.map(({ target }) => target)).toEqual([path]);
  });
});
