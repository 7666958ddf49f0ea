/**
 * A session belongs to the user who proved their identity: planted, copied, replayed and incomplete
 * ones give no access, with either store, through the proxy and at a check endpoint.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, FETCH, NAVIGATION } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { startWorld, ticketOf, type World } from './fixture.ts';

const SECRET = 'dGhpcyBpcyBubyBzZWNyZXQgYXQgYWxs-4f1c9e7a';

/** Shows a page in between, so that the password is proved and no session exists yet. */
const SLOW = `title: Sign in slowly
designation: authentication
stages:
  - { type: identification, by: [username] }
  - { type: password }
  - { type: message, title: Nearly there, text: One more step. }
  - { type: user_login }
`;
const LOGIN = `title: Sign in
designation: authentication
stages:
  - { type: identification, by: [username] }
  - { type: password }
  - { type: user_login }
`;
const LOGOUT = `title: Sign out
designation: invalidation
stages: [{ type: user_logout }, { type: message, title: Gone, text: Signed out. }]
`;
const ACCOUNT = `title: Account
designation: configuration
requires: session
stages: [{ type: message, title: Account, text: Only for you. }]
`;

const attributes = (answer: Answer): string[] => {
  const line = answer.cookies.find((c) => c.startsWith('doorward=')) ?? '';
  return line.split('; ').slice(1);
};

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe.each(['embedded', 'redis'])('with state in %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      trusted: true,
      state: kind === 'redis' ? redis.url : 'embedded',
      env: { DOORWARD_SESSION__SECRETS: SECRET },
      flows: { login: LOGIN, logout: LOGOUT, slow: SLOW, account: ACCOUNT },
      routes: (app) => [
        `{ id: strict, host: strict.gw.test, upstream: "${app.origin}", policies: [{ type: method, any: [totp] }] }`,
        `{ id: remedy, host: remedy.gw.test, upstream: "${app.origin}", policies: [{ type: method, any: [totp], otherwise: slow }] }`,
      ],
    });
  });
  afterAll(() => world.close());

  /** What a cookie gives access to: an app through the proxy, and through each check. */
  async function doors(cookie: string, host = 'app.gw.test'): Promise<number[]> {
    const { port } = world.gateway;
    const bare = new Client();
    const headers = { ...FETCH, cookie, host };
    const codes = [(await bare.send(`http://${host}:${port}/inside`, { headers })).status];
    for (const dialect of ['traefik', 'caddy', 'nginx']) {
      const forwarded =
        dialect === 'nginx'
          ? { 'x-original-url': `http://${host}/inside`, 'x-original-method': 'GET' }
          : {
              'x-forwarded-method': 'GET',
              'x-forwarded-proto': 'http',
              'x-forwarded-host': host,
              'x-forwarded-uri': '/inside',
            };
      const url = `http://auth.internal:${port}/.doorward/check/${dialect}`;
      const answer = await bare.send(url, {
        headers: { ...FETCH, ...forwarded, cookie, 'x-forwarded-for': '203.0.113.9' },
      });
      codes.push(answer.status);
    }
    return codes;
  }
  const OPEN = [200, 200, 200, 200];
  const SHUT = [401, 401, 401, 401];

  /** Signs in up to the password, so that the test sees its Set-Cookie lines. */
  async function passwordAnswer(client: Client, user: string, flow = 'login'): Promise<Answer> {
    const first = await client.open(`${world.gateway.portal}/flow/${flow}?as=other`);
    return client.submit(await client.submitAndFollow(first, { login: user }), {
      password: PASSWORD,
    });
  }
  async function signOut(client: Client): Promise<Answer> {
    const question = await client.follow(world.gateway.app('app') + '/.doorward/sign-out');
    return client.submit(question, {});
  }

  it('SESS-fixation: every sign-in gets a new id, and a planted one is invalid afterwards', async () => {
    const stranger = new Client();
    await stranger.follow(world.gateway.app('app'));
    expect(ticketOf(stranger), 'nothing like a session before the sign-in').toBeNull();

    const { client: evil, pair: planted } = await world.signIn('evil');
    const victim = new Client();
    victim.setCookie('doorward', planted.slice('doorward='.length), 'gw.test');
    const [, ofPortal = ''] =
      /doorward-portal=([^;]+)/.exec(evil.cookieHeader('auth.gw.test')) ?? [];
    victim.setCookie('doorward-portal', ofPortal, 'auth.gw.test', true);
    await passwordAnswer(victim, 'alice');
    const first = ticketOf(victim) as string;
    expect(first).not.toBe(planted);
    expect(await doors(first)).toEqual(OPEN);
    expect(await doors(planted)).toEqual(SHUT);

    await passwordAnswer(victim, 'alice');
    const second = ticketOf(victim) as string;
    expect(second).not.toBe(first);
    expect(await doors(second)).toEqual(OPEN);
    expect(await doors(first)).toEqual(SHUT);

    await signOut(victim);
    expect(ticketOf(victim)).toBeNull();
    expect(await doors(second)).toEqual(SHUT);
  });

  it('SESS-logout: a copied cookie is invalid after sign-out, and nothing of it is left', async () => {
    const client = new Client();
    const signedIn = await passwordAnswer(client, 'alice');
    const copied = ticketOf(client) as string;
    expect(await doors(copied)).toEqual(OPEN);
    // Opening the sign-in page ends nothing and creates no second session.
    const seen = await client.open(`${world.gateway.portal}/flow/login`);
    expect(seen.cookies.filter((line) => line.startsWith('doorward='))).toEqual([]);
    expect(await doors(copied)).toEqual(OPEN);
    const listed = await world.gateway.run(['session', 'list', '--user', 'alice', '--json']);
    expect(JSON.parse(listed.out)).toHaveLength(1);

    const left = await signOut(client);
    expect(await doors(copied)).toEqual(SHUT);
    expect(attributes(left)).toEqual([...attributes(signedIn), 'Max-Age=0']);
    const after = await world.gateway.run(['session', 'list', '--user', 'alice', '--json']);
    expect(JSON.parse(after.out)).toEqual([]);
  });

  it('SESS-seal-replay: cookies captured before a rotation or an ending give no access, even after a restart', async () => {
    const client = new Client();
    const captured: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      await passwordAnswer(client, 'carol');
      captured.push(ticketOf(client) as string);
    }
    const [first = '', second = '', live = ''] = captured;
    expect(await doors(live)).toEqual(OPEN);
    for (const old of [first, second]) expect(await doors(old)).toEqual(SHUT);
    await world.gateway.run(['session', 'revoke', '--user', 'carol']);
    await world.gateway.stop();
    await world.gateway.start();
    for (const old of captured) expect(await doors(old)).toEqual(SHUT);
  });

  // With a second factor pending: second-factor.test.ts.
  it('SESS-pwd-pending: a right password alone gives no access until its flow has ended', async () => {
    const { gateway } = world;
    const client = new Client();
    const pending = await passwordAnswer(client, 'carol', 'slow');
    expect(pending.status).toBe(303);
    expect(pending.location).toContain('/flow/slow?plan=');
    expect((await client.open(pending.location)).body).toContain('Nearly there');
    expect(ticketOf(client)).toBeNull();

    const held = client.cookieHeader('auth.gw.test');
    const value = held.split('=').slice(1).join('=');
    const plan = new URL(pending.location).searchParams.get('plan');
    for (const cookie of [held, `doorward=${value}`, `doorward=${plan}`]) {
      expect(await doors(cookie)).toEqual(SHUT);
      const headers = { ...NAVIGATION, cookie };
      for (const path of ['/', '/flow/account']) {
        const inside = await new Client().send(gateway.portal + path, { headers });
        expect([302, 303]).toContain(inside.status);
        expect(inside.location).toContain('/flow/login');
      }
    }
    const listed = await gateway.run(['session', 'list', '--user', 'carol', '--json']);
    expect(JSON.parse(listed.out)).toEqual([]);
  });

  // Pending: ways to sign in that are not built yet (sources, recovery, remembered devices).
  it('SESS-aal: a session with too few proofs is refused at every endpoint and after every sign-in', async () => {
    const client = new Client();
    for (const flow of ['login', 'slow']) {
      let answer = await passwordAnswer(client, 'alice', flow);
      if (flow === 'slow') {
        answer = await client.submit(await client.open(answer.location), {});
        expect(answer.status).toBe(303);
      }
      const cookie = ticketOf(client) as string;
      expect(await doors(cookie)).toEqual(OPEN);
      expect(await doors(cookie, 'strict.gw.test')).toEqual([403, 403, 403, 403]);
      // With a remedy: redirected to the flow that could raise it, and refused again after it.
      expect(await doors(cookie, 'remedy.gw.test')).toEqual(SHUT);
    }
    expect(
      world.app.seen.some(({ rawHeaders }) => /^(?:strict|remedy)\./m.test(rawHeaders.join('\n'))),
    ).toBe(false);
  });
});
