/**
 * What is remembered of a browser and a network: staying signed in, bound sessions, saved names,
 * and recovery.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Answer, Client, FETCH, type Sending } from '../support/client.ts';
import { type Gateway, PASSWORD, startGateway, until } from '../support/gateway.ts';
import { type MailServer, startMailServer, textOf } from '../support/mail-server.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const HERE = '192.0.2.7';
const NEAR = '192.0.2.200';
const THERE = '203.0.113.7';
const DAY = 86_400;

const LOGIN = (identification: string, userLogin: string): string => `title: Sign in
designation: authentication
stages:
  - { type: identification${identification} }
  - { type: password }
  - { type: user_login${userLogin} }
`;
const LOGOUT = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';

/** A client whose requests come through a trusted proxy, from its current address. */
class Traveller extends Client {
  at = HERE;

  override send(url: string, sending: Sending = {}): Promise<Answer> {
    const headers = { ...sending.headers, 'x-forwarded-for': this.at };
    return super.send(url, { ...sending, headers });
  }
}

/** The same browser another day: only what is stored for a day or more remains. */
function reopened(answers: readonly Answer[], domain: string): Client {
  const client = new Client();
  for (const line of answers.flatMap((answer) => answer.cookies)) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const age = Number(/; Max-Age=(\d+)/.exec(line)?.[1] ?? 0);
    if (age >= DAY) client.setCookie(name, value, domain);
  }
  return client;
}

function ticketOf(answer: Answer): string {
  return answer.cookies.find((line) => line.startsWith('doorward=')) ?? '';
}

let app: WebApp;
beforeAll(async () => {
  app = await startWebApp('app');
});
afterAll(() => app?.close());

function site(login: string, more = ''): Promise<Gateway> {
  return startGateway({
    flows: { login, logout: LOGOUT },
    config: () => `session: { cookie_domains: [gw.test] }
${more}
routes:
  - { id: wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}" }
  - { id: check, host: check.gw.test }
`,
  });
}

describe('staying signed in', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await site(LOGIN(', remember_username: true', ', remember_me: 30d'));
  });
  afterAll(() => gateway?.remove());

  /** Continues up to the question, and answers it. */
  async function signIn(remember: string): Promise<{ client: Client; end: Answer }> {
    const client = new Client();
    const question = await client.signIn(`${gateway.app('wiki')}/x`, 'alice', PASSWORD);
    return { client, end: await client.submit(question, { remember }) };
  }

  it('is offered before a session begins', async () => {
    const client = new Client();
    const question = await client.signIn(`${gateway.app('wiki')}/x`, 'alice', PASSWORD);
    expect(question.body).toContain('Stay signed in on this device?');
    expect(question.body).toContain('Yes, for 30 days');
    expect((await client.open(`${gateway.app('wiki')}/x`)).status).toBe(302);
  });

  it('survives the browser and the gateway, for the promised time', async () => {
    const { end } = await signIn('yes');
    const [, age] = /; Max-Age=(\d+)/.exec(ticketOf(end)) ?? [];
    expect(Number(age)).toBe(30 * DAY);
    expect(ticketOf(end)).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Domain=gw\.test; Max-Age=/);
    await gateway.stop();
    await gateway.start();
    const later = reopened([end], 'gw.test');
    const page = await later.open(`${gateway.app('wiki')}/x`);
    expect([page.status, JSON.parse(page.body).app]).toEqual([200, 'app']);
    const listed = JSON.parse((await gateway.run(['session', 'list', '--json'])).out) as {
      readonly expires_at: string;
      readonly created_at: string;
    }[];
    const spans = listed.map((one) => Date.parse(one.expires_at) - Date.parse(one.created_at));
    expect(Math.max(...spans)).toBe(30 * DAY * 1000);
  });

  it('ends with the browser if the user declines', async () => {
    const { client, end } = await signIn('no');
    expect(ticketOf(end)).toMatch(
      /^doorward=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Domain=gw\.test$/,
    );
    expect((await client.open(`${gateway.app('wiki')}/x`)).status).toBe(200);
    const later = reopened([end], 'gw.test');
    expect((await later.open(`${gateway.app('wiki')}/x`)).status).toBe(302);
  });

  it('fills in the name at the next sign-in, in this browser and on the portal alone', async () => {
    const { end } = await signIn('no');
    const line = end.cookies.find((one) => one.startsWith('doorward-username=')) ?? '';
    expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=7776000$/);
    expect(line).not.toMatch(/alice|Domain/);
    const later = reopened([end], 'auth.gw.test');
    const page = await later.follow(`${gateway.app('wiki')}/x`);
    expect(page.body).toMatch(/<input[^>]*name="login"[^>]*value="alice"/);
    const [, href = ''] = /<a href="([^"]+)">Not you\?<\/a>/.exec(page.body) ?? [];
    const other = await later.open(new URL(href.replaceAll('&amp;', '&'), page.url).href);
    expect(other.body).not.toContain('alice');
    const second = await later.submitAndFollow(other, { login: 'carol' });
    expect(second.body).toContain('Enter your password');
    expect((await later.open(`${gateway.portal}/flow/login`)).body).not.toContain('alice');
  });
});

describe('a session that is bound to its network', () => {
  let gateway: Gateway;
  let client: Traveller;
  const wiki = (): string => `${gateway.app('wiki')}/x`;
  beforeAll(async () => {
    gateway = await site(LOGIN('', ', bind: network'), 'trusted_proxies: [127.0.0.1]');
    client = new Traveller();
    await client.signIn(wiki(), 'alice', PASSWORD);
  });
  afterAll(() => gateway?.remove());

  async function from<T>(place: string, ask: () => Promise<T>): Promise<T> {
    client.at = place;
    try {
      return await ask();
    } finally {
      client.at = HERE;
    }
  }

  /** A check, as nginx sends it. */
  const check = (): Promise<Answer> =>
    client.send(`http://internal:${gateway.port}/.doorward/check/nginx`, {
      headers: {
        cookie: client.cookieHeader('check.gw.test'),
        'x-original-url': `${gateway.app('check')}/`,
        'x-original-method': 'GET',
        ...FETCH,
      },
    });

  it('requires a sign-in elsewhere, and still works on its own network', async () => {
    const redirect = await from(THERE, () => client.open(wiki()));
    expect([redirect.status, redirect.location]).toEqual([
      302,
      `${gateway.portal}/flow/login?rd=${encodeURIComponent(wiki())}`,
    ]);
    const page = await from(THERE, () => client.open(redirect.location));
    expect(page.body).toContain('name="login"');
    for (const place of [HERE, NEAR, HERE]) {
      expect((await from(place, () => client.open(wiki()))).status).toBe(200);
    }
  });

  it('reports its reason to scripts', async () => {
    const answer = await from(THERE, () => client.send(wiki(), { headers: FETCH }));
    expect([answer.status, JSON.parse(answer.body).reason]).toEqual([401, 'session/elsewhere']);
    const own = await client.send(wiki(), { headers: FETCH });
    expect(own.status).toBe(200);
  });

  it("reports its reason to a proxy's check", async () => {
    const answer = await from(THERE, check);
    expect([answer.status, JSON.parse(answer.body).reason]).toEqual([401, 'session/elsewhere']);
    const own = await check();
    expect([own.status, own.headers['remote-user']]).toEqual([200, 'alice']);
  });

  it('opens no websocket elsewhere', async () => {
    const dial = (place: string) =>
      new Promise<number | string>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/`, {
          headers: {
            host: new URL(wiki()).host,
            cookie: client.cookieHeader('wiki.gw.test'),
            'x-forwarded-for': place,
          },
        });
        socket.on('error', () => resolve('error'));
        socket.on('unexpected-response', (_request, response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        socket.on('open', () => {
          socket.close();
          resolve('open');
        });
      });
    expect(await dial(THERE)).toBe(401);
    expect(await dial(NEAR)).toBe('open');
  });

  it('shows nothing of the portal elsewhere', async () => {
    expect((await from(THERE, () => client.open(`${gateway.portal}/`))).status).toBe(302);
    expect((await client.open(`${gateway.portal}/`)).body).toContain('Alice Example');
  });

  it('is logged with where it was used', async () => {
    await from(THERE, () => client.open(wiki()));
    const told = /"change":"elsewhere"[^\n]*203\.0\.113\.7/;
    await until(() => told.test(gateway.output()));
    expect(gateway.output()).toMatch(told);
  });
});

describe('a user who forgot their password', () => {
  let server: MailServer;
  let gateway: Gateway;
  beforeAll(async () => {
    server = await startMailServer();
    gateway = await startGateway({
      directories: '[{ type: embedded }]',
      config: () => `session: { cookie_domains: [gw.test] }
mail: { type: smtp, host: 127.0.0.1, port: ${server.port}, from: door@gw.test }
routes:
  - { id: wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}" }
`,
    });
    const added = ['user', 'add', 'ann', '--email', 'ann@example.test'];
    const ran = await gateway.run(added, `${PASSWORD}\n`);
    if (ran.code !== 0) throw new Error(ran.err);
  });
  afterAll(async () => {
    await gateway?.remove();
    await server?.close();
  });

  it('finds recovery on the password page, and reaches the original destination', async () => {
    const wiki = `${gateway.app('wiki')}/deep?x=1`;
    const client = new Client();
    const first = await client.follow(wiki);
    const password = await client.submitAndFollow(first, { login: 'ann' });
    const [, href = ''] = /<a href="([^"]+)">Forgot your password\?<\/a>/.exec(password.body) ?? [];
    const target = new URL(href.replaceAll('&amp;', '&'), password.url);
    expect([target.pathname, target.searchParams.get('rd')]).toEqual(['/flow/recovery', wiki]);
    const question = await client.submitAndFollow(await client.open(target.href), { login: 'ann' });
    await until(() => server.emails.length === 1);
    const [email] = server.emails;
    const text = email === undefined ? '' : textOf(email).replaceAll('\r', '');
    const code = /^\d{6}$/m.exec(text)?.[0] ?? '';
    const chosen = await client.submitAndFollow(question, { code });
    const fresh = 'a staple of new horses';
    const told = await client.submitAndFollow(chosen, { password: fresh, password_repeat: fresh });
    const again = await client.submitAndFollow(told, {});
    const second = await client.submitAndFollow(again, { login: 'ann' });
    const end = await client.submitAndFollow(second, { password: fresh });
    expect([end.status, end.url]).toEqual([200, wiki]);
  });
});
