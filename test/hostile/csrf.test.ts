/**
 * Forms are accepted only from the browser and page they were made for, and a GET changes nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, NAVIGATION, readForm } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { startWorld, ticketOf, type World } from './fixture.ts';

const FORM = 'application/x-www-form-urlencoded';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: false });
});
afterAll(() => world.close());

const login = (): string => `${world.gateway.portal}/flow/login`;

/** Posts a form with only these headers about its sender. */
function send(
  client: Client,
  page: Answer,
  fields: Record<string, string>,
  headers: Record<string, string>,
): Promise<Answer> {
  const { action, hidden } = readForm(page);
  return client.send(action, {
    method: 'POST',
    headers: { accept: NAVIGATION.accept, 'content-type': FORM, ...headers },
    body: new URLSearchParams({ ...hidden, ...fields }).toString(),
  });
}

describe('forms from elsewhere', () => {
  it('CSRF-login: cannot sign a visitor in as the attacker', async () => {
    // The attacker's own valid page with all its fields, posted by the victim's browser.
    const attacker = new Client();
    const first = await attacker.open(login());
    const second = await attacker.submitAndFollow(await attacker.open(login()), { login: 'evil' });
    const origin = world.gateway.portal;
    const senders: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'https://attacker.invalid' },
      { origin: world.gateway.app('app') },
      { origin: `${origin}.attacker.invalid` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin },
      { 'sec-fetch-site': 'cross-site', origin },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of senders) {
      for (const page of [first, second]) {
        for (const victim of [new Client(), await visited()]) {
          const answer = await send(victim, page, { login: 'evil', password: PASSWORD }, headers);
          const sent = JSON.stringify(headers);
          expect(answer.status, sent).toBe(403);
          expect(answer.body, sent).toContain('csrf/foreign');
          expect(ticketOf(victim), sent).toBeNull();
        }
      }
    }
    // The attacker's run has not advanced either.
    expect((await attacker.open(second.url)).body).toContain('current-password');
  });

  it('CSRF-stage: are refused without a token, with another’s token, with two cookies or with another content type', async () => {
    const victim = await visited();
    const other = new Client();
    const theirs = readForm(await other.open(login())).hidden['csrf'] ?? '';
    const tokens = ['', theirs, 'x', theirs.toUpperCase(), 'A'.repeat(43)];
    for (const csrf of tokens) {
      const page = await victim.open(login());
      // The browser does not report the sender's origin, so only the token decides, and it does not
      // match.
      const answer = await send(victim, page, { login: 'alice', csrf }, {});
      expect(answer.status, csrf).toBe(403);
    }
    const good = readForm(await victim.open(login())).hidden['csrf'] ?? '';
    for (const csrf of [good, theirs]) {
      // Two cookies of the same name count as none: the form restarts, and no user is identified.
      const page = await victim.open(login());
      const doubled = new Client();
      const answer = await doubled.send(readForm(page).action, {
        method: 'POST',
        headers: {
          'content-type': FORM,
          cookie: `${victim.cookieHeader('auth.gw.test')}; doorward-browser=${'A'.repeat(22)}`,
        },
        body: new URLSearchParams({ ...readForm(page).hidden, csrf, login: 'alice' }).toString(),
      });
      expect(answer.status).toBe(403);
    }
    const page = await victim.open(login());
    const { action, hidden } = readForm(page);
    const { origin } = new URL(page.url);
    const types = ['text/plain', 'application/json', 'multipart/form-data; boundary=x', ''];
    for (const door of [action, action.replace('/flow/', '/api/flow/')]) {
      for (const type of types) {
        if (door.includes('/api/') && type === 'application/json') continue;
        const body = door.includes('/api/')
          ? JSON.stringify({ ...hidden, answer: { login: 'alice' } })
          : new URLSearchParams({ ...hidden, login: 'alice' }).toString();
        const headers = { origin, ...(type === '' ? {} : { 'content-type': type }) };
        const answer = await victim.send(door, { method: 'POST', headers, body });
        expect(answer.status, `${door} ${type}`).toBe(415);
      }
    }
    const json = (headers: Record<string, string>, csrf: string) =>
      victim.send(action.replace('/flow/', '/api/flow/'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({
          seed: hidden['seed'],
          csrf,
          revision: '0',
          stage: hidden['stage'],
          answer: { login: 'alice' },
        }),
      });
    expect((await json({ origin: 'https://attacker.invalid' }, hidden['csrf'] ?? '')).status).toBe(
      403,
    );
    expect((await json({}, theirs)).status).toBe(403);
    expect((await json({ origin }, '')).status).toBe(403);
    expect((await json({ origin }, hidden['csrf'] ?? '')).status).toBe(200);
  });

  it('CSRF-get-flow: are not read from a URL', async () => {
    const client = new Client();
    const page = await client.open(login());
    const { hidden } = readForm(page);
    const query = new URLSearchParams({ ...hidden, login: 'alice', password: PASSWORD });
    for (const method of ['GET', 'HEAD']) {
      const answer = await client.send(`${login()}?${query.toString()}`, {
        method,
        headers: NAVIGATION,
      });
      expect(answer.body).not.toContain('current-password');
    }
    const second = await client.submitAndFollow(page, { login: 'alice' });
    const carried = new URLSearchParams({ ...readForm(second).hidden, password: PASSWORD });
    await client.open(`${login()}?${carried.toString()}`);
    expect(ticketOf(client)).toBeNull();
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await client.send(`${login()}?${carried.toString()}`, {
        method,
        headers: { 'content-type': FORM, origin: world.gateway.portal },
        body: carried.toString(),
      });
      expect(answer.status, method).toBe(405);
      expect(ticketOf(client)).toBeNull();
    }
    // A link does not sign the user out either.
    const { client: alice, pair } = await world.signIn('alice');
    for (const url of [
      `${world.gateway.app('app')}/.doorward/sign-out`,
      `${world.gateway.portal}/flow/logout`,
      `${world.gateway.portal}/flow/logout?csrf=x&stage=user_logout`,
    ]) {
      await alice.follow(url);
    }
    expect(ticketOf(alice)).toBe(pair);
    expect((await alice.open(world.gateway.app('app'))).status).toBe(200);
    // Another site's page that posts the sign-out form has no effect.
    const question = await alice.open(`${world.gateway.portal}/flow/logout`);
    const forced = await send(alice, question, {}, { origin: 'https://attacker.invalid' });
    expect(forced.status).toBe(403);
    expect(ticketOf(alice)).toBe(pair);
  });
});

/** A browser that has opened the sign-in page. */
async function visited(): Promise<Client> {
  const client = new Client();
  await client.open(login());
  return client;
}
