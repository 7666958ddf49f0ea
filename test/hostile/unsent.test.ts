/**
 * Forms that met an expired session: what is kept, for whom, and that nothing else opens or sends it. On
 * the bytes of the requests; test/journeys/unsent.test.ts shows it in a browser.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client, NAVIGATION, readForm } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { startWorld, type World } from './fixture.ts';

const TYPE = 'application/x-www-form-urlencoded';
const BODY = 'text=precious+%26+long&password=hunter22&empty=';

let world: World;
let app: string;
beforeAll(async () => {
  world = await startWorld({
    trusted: false,
    routes: ({ origin }) => [
      `{ id: bank, host: bank.gw.test, upstream: "${origin}", policies: [{ type: method, any: [totp], otherwise: step-up }] }`,
    ],
  });
  app = world.gateway.app('app');
});
afterAll(() => world.close());
beforeEach(() => void (world.app.seen.length = 0));

/** A browser whose session was ended, with its ticket still in the jar. */
async function signedOut(name = 'alice'): Promise<Client> {
  const { client } = await world.signIn(name);
  expect((await world.gateway.run(['session', 'revoke', '--user', name])).code).toBe(0);
  expect((await client.open(`${app}/`)).status).toBe(302);
  world.app.seen.length = 0;
  return client;
}

const post = (
  client: Client,
  changes: { url?: string; body?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> =>
  client.send(changes.url ?? `${app}/save?id=1`, {
    method: 'POST',
    headers: {
      ...NAVIGATION,
      'content-type': TYPE,
      origin: app,
      'sec-fetch-site': 'same-origin',
      referer: `${app}/edit?id=1`,
      ...changes.headers,
    },
    body: changes.body ?? BODY,
  });

const noticeOf = ({ location }: Answer): string | null =>
  new URL(location).searchParams.get('notice');

/** Signs in on the way, and returns the last page. */
async function signInAt(client: Client, url: string, name = 'alice'): Promise<Answer> {
  const first = await client.follow(url);
  const second = await client.submitAndFollow(first, { login: name });
  return client.submitAndFollow(second, { password: PASSWORD });
}

/** A kept form, offered to its user after the sign-in. Each user may have eight at a time. */
async function offered(name = 'alice'): Promise<{ client: Client; page: Answer }> {
  const client = await signedOut(name);
  return { client, page: await signInAt(client, (await post(client)).location, name) };
}

const press = (client: Client, page: Answer, headers: Readonly<Record<string, string>> = {}) =>
  client.send(readForm(page).action, {
    method: 'POST',
    headers: {
      ...NAVIGATION,
      'content-type': TYPE,
      origin: app,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: BODY,
  });

describe('UNSENT: a form that met an expired session', () => {
  it('is shown to its user after the sign-in, without its secrets, and sent at a click', async () => {
    const client = await signedOut();
    const lost = await post(client);
    expect([lost.status, noticeOf(lost)]).toEqual([303, 'kept']);
    expect((await client.follow(lost.location)).body).toContain('It is kept');
    const page = await signInAt(client, lost.location);
    expect(page.url).toMatch(/\/\.doorward\/unsent\?id=[\w-]{22}$/);
    expect(page.headers['cache-control']).toBe('no-store');
    const visible = page.body.replace(/<input[^>]*>/g, '');
    expect(visible).toContain('precious &amp; long');
    expect(visible).toContain(`${app}/save?id=1`);
    expect(visible).not.toContain('hunter22');
    expect(world.app.seen).toEqual([]);
    expect(readForm(page).hidden).toEqual({
      text: 'precious & long',
      password: 'hunter22',
      empty: '',
    });
    const sent = await press(client, page);
    expect([sent.status, sent.location]).toEqual([307, `${app}/save?id=1`]);
    expect(sent.headers['referrer-policy']).toMatch(/same-origin$/);
    const answer = await post(client, { headers: { referer: page.url } });
    expect(answer.status).toBe(200);
    expect(world.app.seen.map(({ method, target, body }) => [method, target, body])).toEqual([
      ['POST', '/save?id=1', BODY],
    ]);
  });

  it('is shown again after a reload, sent once, and gone then', async () => {
    const { client, page } = await offered();
    const again = await client.open(page.url);
    expect(readForm(again).hidden['text']).toBe('precious & long');
    expect((await press(client, page)).status).toBe(307);
    for (const late of [await press(client, page), await client.open(page.url)]) {
      expect([late.status, late.body]).toEqual([410, expect.stringContaining('unsent/gone')]);
      expect(late.body).not.toContain('precious');
    }
  });

  it('is sent by one of many clicks at once', async () => {
    const { client, page } = await offered();
    const answers = await Promise.all(Array.from({ length: 10 }, () => press(client, page)));
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([307, ...Array<number>(9).fill(410)]);
  });

  it('is discarded on request, and leads back to its page', async () => {
    const { client, page } = await offered();
    const left = await client.send(`${page.url}&discard=1`, {
      method: 'POST',
      headers: { ...NAVIGATION, origin: app, 'sec-fetch-site': 'same-origin' },
    });
    expect([left.status, left.location]).toEqual([303, `${app}/edit?id=1`]);
    expect((await client.open(page.url)).status).toBe(410);
    expect(world.app.seen).toEqual([]);
  });

  it('two tabs keep two forms', async () => {
    const client = await signedOut();
    const [one, two] = [await post(client), await post(client, { body: 'text=second' })];
    const page = await signInAt(client, one.location);
    expect(page.body).toContain('precious');
    const other = await client.follow(new URL(two.location).searchParams.get('rd') ?? '');
    expect(other.body).toContain('second');
    expect(other.body).not.toContain('precious');
  });

  it('is kept for a step-up, too, although the session is live', async () => {
    const bank = world.gateway.app('bank');
    const { client } = await world.signIn('alice');
    const headers = { origin: bank, referer: `${bank}/` };
    const answer = await post(client, { url: `${bank}/transfer`, headers });
    expect([answer.status, noticeOf(answer)]).toEqual([303, 'kept']);
    expect(new URL(answer.location).pathname).toBe('/flow/step-up');
  });
});

describe('UNSENT: for no other visitor', () => {
  it('another user of the same browser sees nothing of it', async () => {
    const client = await signedOut();
    const lost = await post(client);
    const page = await signInAt(client, lost.location, 'bob');
    expect([page.status, page.body]).toEqual([403, expect.stringContaining('unsent/other-user')]);
    expect(page.body).not.toMatch(/precious|hunter22|save/);
    const url = new URL(lost.location).searchParams.get('rd') ?? '';
    const tried = await client.send(url, {
      method: 'POST',
      headers: { ...NAVIGATION, origin: app, 'sec-fetch-site': 'same-origin' },
    });
    expect([tried.status, tried.location]).toEqual([403, '']);
    // Its user still finds it.
    const login = `${world.gateway.portal}/flow/login?as=other&again=1&rd=${encodeURIComponent(url)}`;
    expect((await signInAt(client, login, 'alice')).body).toContain('precious');
  });

  it('the address opens nothing in another browser, not even for the same user', async () => {
    const { page } = await offered('carol');
    const { client } = await world.signIn('carol');
    expect((await client.open(page.url)).status).toBe(410);
    client.setCookie('doorward-unsent', 'A'.repeat(22), 'app.gw.test', true);
    expect((await client.open(page.url)).status).toBe(410);
    expect((await press(client, page)).status).toBe(410);
  });

  it('an anonymous visitor is sent to sign in first', async () => {
    const client = await signedOut('carol');
    const url = new URL((await post(client)).location).searchParams.get('rd') ?? '';
    const answer = await client.open(url);
    expect(answer.status).toBe(302);
    expect(new URL(answer.location).searchParams.get('rd')).toBe(url);
    expect(answer.body).not.toContain('precious');
  });

  it('a page of another site sends and discards nothing', async () => {
    const { client, page } = await offered('carol');
    const foreign: readonly Readonly<Record<string, string>>[] = [
      { origin: 'http://evil.test', 'sec-fetch-site': 'cross-site' },
      { origin: world.gateway.app('admin'), 'sec-fetch-site': 'same-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign) expect((await press(client, page, headers)).status).toBe(403);
    for (const url of [page.url, `${page.url}&discard=1`]) {
      const plain = await client.send(url, { method: 'POST', headers: { ...NAVIGATION } });
      expect(plain.status).toBe(403);
    }
    for (const method of ['HEAD', 'PUT', 'DELETE']) {
      expect((await client.send(page.url, { method, headers: { ...NAVIGATION } })).status).toBe(
        405,
      );
    }
    expect((await client.open(`${page.url}&discard=1`)).body).toContain('precious');
  });

  it('the app receives no key, and sets none', async () => {
    const { client, page } = await offered('carol');
    await press(client, page);
    await post(client);
    expect(JSON.stringify(world.app.seen)).not.toContain('doorward-unsent');
  });

  it('nothing of a form is in the log', async () => {
    const { page } = await offered('carol');
    expect(page.status).toBe(409);
    const log = world.gateway.output();
    expect(log).toContain('path/unsent');
    expect(log).not.toMatch(/precious|hunter22/);
  });
});

describe('UNSENT: no form that could be forged, altered or too large is kept', () => {
  it.each<readonly [string, Parameters<typeof post>[1]]>([
    [
      'from another site',
      { headers: { origin: 'http://evil.test', 'sec-fetch-site': 'cross-site' } },
    ],
    ['from a sibling', { headers: { 'sec-fetch-site': 'same-site' } }],
    ['without a sender', { headers: { origin: '', 'sec-fetch-site': '' } }],
    ['with an empty frame', { headers: { 'sec-fetch-dest': 'iframe' } }],
    ['from a script', { headers: { 'sec-fetch-mode': 'cors' } }],
    ['over the limit', { body: `a=${'x'.repeat(64 * 1024)}` }],
    ['of another type', { headers: { 'content-type': 'application/json' } }],
    ['of no type', { headers: { 'content-type': '' } }],
    ['that no browser writes', { body: 'a=%41' }],
    ['in a coding', { headers: { 'content-encoding': 'gzip' } }],
  ])('%s', async (_, changes) => {
    const client = await signedOut('evil');
    const answer = await post(client, changes);
    expect(answer.location === '' ? null : noticeOf(answer)).not.toBe('kept');
    expect(answer.cookies.join()).not.toContain('doorward-unsent');
    expect(world.app.seen).toEqual([]);
  });

  it('although the same request is kept without that', async () => {
    expect(noticeOf(await post(await signedOut('evil')))).toBe('kept');
  });

  it('and no other method', async () => {
    const client = await signedOut('evil');
    const answer = await client.send(`${app}/save`, {
      method: 'PUT',
      headers: {
        ...NAVIGATION,
        'content-type': TYPE,
        origin: app,
        'sec-fetch-site': 'same-origin',
      },
      body: BODY,
    });
    expect(noticeOf(answer)).toBe('unsent');
  });

  it('none of a stranger, of an altered ticket, or of a ticket for another place', async () => {
    const stranger = new Client();
    const altered = new Client();
    const { pair } = await world.signIn('bob');
    const ticket = pair.slice(pair.indexOf('=') + 1);
    altered.setCookie('doorward', `${ticket.slice(0, 30)}A${ticket.slice(31)}`, 'gw.test');
    const elsewhere = new Client();
    const signedIn = (await world.signIn('bob')).client;
    const portal = /doorward-portal=([^;]+)/.exec(signedIn.cookieHeader('auth.gw.test'))?.[1] ?? '';
    expect(portal).not.toBe('');
    elsewhere.setCookie('doorward', portal, 'gw.test');
    for (const client of [stranger, altered, elsewhere]) {
      expect(noticeOf(await post(client))).toBe('unsent');
    }
  });

  it('at most eight of one user in a quarter of an hour', async () => {
    const client = await signedOut('bob');
    const notices: (string | null)[] = [];
    for (let i = 0; i < 9; i += 1) notices.push(noticeOf(await post(client)));
    expect(notices).toEqual([...Array<string>(8).fill('kept'), 'unsent']);
  });
});

describe('UNSENT: where another proxy asks', () => {
  let asked: World;
  beforeAll(async () => {
    asked = await startWorld({ trusted: true });
  });
  afterAll(() => asked.close());

  const check = (client: Client, method: string, target: string): Promise<Answer> => {
    const origin = asked.gateway.app('app');
    return client.send(`${origin}/.doorward/check/caddy`, {
      headers: {
        ...NAVIGATION,
        origin,
        'sec-fetch-site': 'same-origin',
        'content-type': TYPE,
        'x-forwarded-for': '192.0.2.7',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': new URL(origin).host,
        'x-forwarded-method': method,
        'x-forwarded-uri': target,
      },
    });
  };

  it('no form is kept, and none is offered', async () => {
    const { client } = await asked.signIn('alice');
    expect((await check(client, 'GET', '/.doorward/unsent')).status).toBe(404);
    await asked.gateway.run(['session', 'revoke', '--user', 'alice']);
    const answer = await check(client, 'POST', '/save');
    expect([answer.status, noticeOf(answer)]).toEqual([303, 'unsent']);
    expect(answer.cookies.join()).not.toContain('doorward-unsent');
  });
});
