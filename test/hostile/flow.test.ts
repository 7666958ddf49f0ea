/**
 * Flows cannot be bypassed: no stage passes without its submission, and a run belongs to the
 * browser that began it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, NAVIGATION, readForm } from '../support/client.ts';
import { HASH, PASSWORD } from '../support/gateway.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { startWorld, ticketOf, type World } from './fixture.ts';

const CROWD = Array.from({ length: 50 }, (_, i) => `person${i}`);

const person = (name: string, groups: string): string =>
  `  ${name}: { displayname: ${name}, email: ${name}@example.test, password: "${HASH}", groups: [${groups}] }`;

const users = (): string => {
  return `users:\n${[person('alice', ''), person('bob', 'admins'), ...CROWD.map((n) => person(n, ''))].join('\n')}\n`;
};

const SIGN_IN = `  - { type: identification, by: [username, email] }
  - { type: password }
  - { type: user_login }
`;
const FLOWS = {
  login: `title: Sign in\ndesignation: authentication\nstages:\n${SIGN_IN}`,
  logout: 'title: Sign out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n',
  // A stronger sign-in that a host requires, recognizable by an additional stage.
  strong: `title: Strong
designation: authentication
stages:
  - { type: identification, by: [username] }
  - { type: password }
  - { type: message, title: Only the strong flow asks this, text: Go on. }
  - { type: user_login }
`,
  account: `title: Account
designation: configuration
requires: session
stages: [{ type: message, title: Your account, text: Only for you. }]
`,
  reauth: `title: Again
designation: authentication
requires: session
stages:
  - { type: password }
  - { type: user_login }
`,
};

let world: World;
beforeAll(async () => {
  world = await startWorld({
    trusted: false,
    users: users(),
    flows: FLOWS,
    extra: 'throttle: { free: 1000 }',
    routes: (app) => [
      `{ id: strong, host: strong.gw.test, upstream: "${app.origin}", flow: strong }`,
    ],
  });
});
afterAll(() => world.close());

const flow = (name: string, query = ''): string => `${world.gateway.portal}/flow/${name}${query}`;

/** Posts fields as a form of our own page would. */
function post(client: Client, url: string, fields: Record<string, string>): Promise<Answer> {
  return client.send(url, {
    method: 'POST',
    headers: {
      ...NAVIGATION,
      'content-type': 'application/x-www-form-urlencoded',
      origin: world.gateway.portal,
      'sec-fetch-site': 'same-origin',
    },
    body: new URLSearchParams(fields).toString(),
  });
}

/** The page after a submission. */
async function landing(client: Client, answer: Answer): Promise<Answer> {
  return answer.location === '' ? answer : client.follow(answer.location);
}

describe('a stage', () => {
  // Pending: stages that redirect to an external provider.
  it('FLOW-empty-post: does not pass with an empty submission', async () => {
    const client = new Client();
    const first = await client.open(flow('login'));
    const { hidden } = readForm(first);
    const bodies: Record<string, string>[] = [{}, { csrf: hidden['csrf'] ?? '' }, hidden];
    for (const fields of bodies) {
      const page = await landing(client, await post(client, flow('login'), fields));
      expect(page.body).not.toContain('current-password');
      expect(ticketOf(client)).toBeNull();
    }
    const second = await client.submitAndFollow(await client.open(flow('login')), {
      login: 'alice',
    });
    for (const fields of [
      {},
      { password: '' },
      { login: 'alice' },
      { password: 'x', extra: 'y' },
    ]) {
      const page = await landing(client, await client.submit(second, fields));
      expect(page.body).not.toContain('signed in');
      expect(ticketOf(client)).toBeNull();
    }
    expect(statuses(await sendRaw(world.gateway.port, bare('/')))).toEqual([401]);
  });

  // Pending: out-of-band stages. Here: claiming the end of a flow whose middle never happened.
  it('FLOW-attest-skip: does not pass with a submission addressed to a later stage', async () => {
    for (const stage of ['user_login', 'password', 'message', '', 'nonsense']) {
      const client = new Client();
      const first = await client.open(flow('strong'));
      const page = await landing(
        client,
        await client.submit(first, { stage, password: PASSWORD, login: 'alice' }),
      );
      expect(page.body).not.toContain('Only the strong flow asks this');
      expect(ticketOf(client)).toBeNull();
    }
    const client = new Client();
    const second = await client.submitAndFollow(await client.open(flow('strong')), {
      login: 'bob',
    });
    for (const stage of ['user_login', 'message', 'identification']) {
      const page = await landing(client, await client.submit(second, { stage }));
      expect(ticketOf(client)).toBeNull();
      expect(page.body).not.toContain('Only the strong flow asks this');
    }
    const third = await client.submitAndFollow(second, { password: PASSWORD });
    expect(third.body).toContain('Only the strong flow asks this');
    expect(ticketOf(client)).toBeNull();
  });

  it('FLOW-restart: cannot be avoided by a restart, which keeps the host’s flow and needs its own browser', async () => {
    const client = new Client();
    const question = await client.follow(world.gateway.app('strong'));
    expect(new URL(question.url).pathname).toBe('/flow/strong');
    const second = await client.submitAndFollow(question, { login: 'alice' });
    const plan = new URL(second.url).searchParams.get('plan') ?? '';

    // A run of one flow is no run of another, and neither is its form.
    const elsewhere = await client.open(flow('login', `?plan=${plan}`));
    expect(elsewhere.status).toBe(303);
    expect(elsewhere.location).not.toContain('plan=');
    const { hidden } = readForm(second);
    const crossed = await landing(
      client,
      await post(client, flow('login'), { ...hidden, password: PASSWORD }),
    );
    expect(crossed.body).not.toContain('Only the strong flow asks this');
    expect(ticketOf(client)).toBeNull();

    // Another browser cannot restart our run; a stale form returns to the strong flow.
    const other = new Client();
    await other.open(flow('strong', `?plan=${plan}`));
    await post(other, flow('strong'), { ...hidden, password: PASSWORD });
    expect((await client.open(second.url)).body).toContain('current-password');
    await client.submit(second, { password: 'wrong' });
    const again = await landing(client, await client.submit(second, { password: PASSWORD }));
    expect(new URL(again.url).pathname).toBe('/flow/strong');
    expect(ticketOf(client)).toBeNull();
    const asks = await client.submitAndFollow(again, { password: PASSWORD });
    expect(asks.body).toContain('Only the strong flow asks this');
  });

  // Flows that write users: links.test.ts, takeover.test.ts. Here: flows about the user's own
  // session.
  it('FLOW-anon-settings: of an account needs the account’s owner, throughout the run', async () => {
    const anonymous = new Client();
    const question = await anonymous.open(flow('account'));
    expect(question.location).toContain('/flow/login');
    for (const name of ['account', 'reauth']) {
      const forced = await post(anonymous, flow(name), {
        csrf: 'x',
        seed: 'x',
        password: PASSWORD,
      });
      expect(forced.status).toBe(303);
      expect(forced.location).not.toContain('plan=');
      expect(ticketOf(anonymous)).toBeNull();
    }
    const { client } = await world.signIn('alice');
    const own = await client.open(flow('reauth'));
    expect(own.body).toContain('alice');
    // Another user signs in meanwhile and cannot finish alice's form.
    const { client: other, pair: bob } = await world.signIn('bob');
    const before = ticketOf(client);
    client.setCookie('doorward', bob.slice('doorward='.length), 'gw.test');
    const [, atPortal = ''] =
      /doorward-portal=([^;]+)/.exec(other.cookieHeader('auth.gw.test')) ?? [];
    client.setCookie('doorward-portal', atPortal, 'auth.gw.test', true);
    const answered = await landing(client, await client.submit(own, { password: PASSWORD }));
    expect(answered.body).not.toContain('"mark":"app"');
    expect(ticketOf(client)).toBe(bob);
    expect(ticketOf(client)).not.toBe(before);
  });
});

describe('a run belongs to the browser that began it', () => {
  it('FLOW-flowid-foreign: a link into another user’s run has no effect on either side', async () => {
    const attacker = new Client();
    const begun = await attacker.submitAndFollow(await attacker.open(flow('login')), {
      login: 'alice',
    });
    const victim = new Client();
    const opened = await victim.open(begun.url);
    expect(opened.status).toBe(303);
    expect(opened.location).not.toContain('plan=');
    // The victim continues from there in a run of their own.
    const page = await victim.follow(opened.location);
    await victim.submit(await victim.submitAndFollow(page, { login: 'alice' }), {
      password: PASSWORD,
    });
    expect(ticketOf(victim)).not.toBeNull();
    // The attacker's run has not advanced, and the attacker's form has no effect in the victim's
    // browser.
    expect((await attacker.open(begun.url)).body).toContain('current-password');
    expect(ticketOf(attacker)).toBeNull();
    const forged = await victim.submit(begun, { password: PASSWORD });
    expect(forged.cookies.filter((line) => line.startsWith('doorward='))).toEqual([]);
    expect((await attacker.open(begun.url)).body).toContain('current-password');
    // A stolen seed has no effect in a browser that did not receive it.
    const seeded = await attacker.open(flow('login'));
    const stolen = await landing(victim, await victim.submit(seeded, { login: 'bob' }));
    expect(stolen.body).not.toContain('current-password');
  });

  it('FLOW-user-switch: fifty concurrent users each get their own session', async () => {
    const held = await Promise.all(
      CROWD.map(async (name) => {
        const client = new Client();
        const first = await client.open(flow('login'));
        const second = await client.submitAndFollow(first, { login: name });
        // At most twenty may wait for a hash; the others retry as the reply says.
        for (let tries = 0; tries < 200 && ticketOf(client) === null; tries += 1) {
          const page = tries === 0 ? second : await client.open(second.url);
          await client.submit(page, { password: PASSWORD });
        }
        return { name, pair: ticketOf(client) };
      }),
    );
    expect(new Set(held.map(({ pair }) => pair)).size).toBe(CROWD.length);
    for (const { name, pair } of held) {
      world.app.seen.length = 0;
      expect(statuses(await sendRaw(world.gateway.port, bare('/', pair ?? '')))).toEqual([200]);
      const { rawHeaders } = world.app.seen[0] as (typeof world.app.seen)[0];
      expect(rawHeaders[rawHeaders.indexOf('Remote-User') + 1]).toBe(name);
    }
  });
});

function bare(path: string, cookie = 'x=y', host = 'app.gw.test'): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`;
}

describe('credentials', () => {
  it('FLOW-get-creds: are sent in request bodies, and neither read from nor written to a URL', async () => {
    const client = new Client();
    const secret = 'hunter2-in-the-url';
    const first = await client.open(flow('login', `?login=alice&password=${secret}`));
    for (const form of first.body.matchAll(/<form\b[^>]*>/g))
      expect(form[0]).toContain('method="post"');
    expect(first.body).not.toContain(secret);
    expect(first.body).not.toContain('current-password');
    expect(['same-origin', 'no-referrer']).toContain(first.headers['referrer-policy']);
    const second = await client.submitAndFollow(first, { login: 'alice' });
    expect(second.body).toMatch(/<form\b[^>]*method="post"/);
    const done = await client.submit(second, { password: PASSWORD });
    expect(ticketOf(client)).not.toBeNull();
    for (const url of [second.url, done.location]) expect(url).not.toContain('correct');
    await world.gateway.stop();
    const log = world.gateway.output();
    await world.gateway.start();
    expect(log).toContain('"sign-in"');
    expect(log).not.toContain(secret);
    expect(log).not.toContain(PASSWORD);
    expect(log).not.toContain(encodeURIComponent(PASSWORD));
    for (const [, value = ''] of world.app.seen[0]?.rawHeaders.entries() ?? []) {
      expect(value).not.toContain(secret);
    }
  });
});
