/** Signing in with a real OpenID Connect provider: by its button, into an app, out of reach of others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import {
  ANN,
  type RealProvider,
  startOidcProvider,
  visitProvider,
} from '../support/oidc-provider.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const redirectUris = ['http://127.0.0.1/none'];
let provider: RealProvider;
let gateway: Gateway;
let app: WebApp;

beforeAll(async () => {
  [provider, app] = await Promise.all([startOidcProvider({ redirectUris }), startWebApp('wiki')]);
  gateway = await startGateway({
    directories: '[{ type: file, path: users.yaml }, { type: embedded }]',
    config: () => `session: { cookie_domains: [gw.test] }
sources:
  company:
    type: oidc
    title: Company
    issuer: ${provider.issuer}
    client_id: ${provider.client.client_id}
    client_secret: "${provider.client.client_secret}"
    scopes: [openid, profile, email, groups]
    unknown: create
    link: verified_email
    admit:
      - { type: expression, when: 'domain(claims.email) == "example.com" || claims.email == "alice@example.test"' }
    groups: { only: [staff] }
routes:
  - { id: wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}", policies: [{ type: group, any: [staff] }] }
`,
  });
  redirectUris.push(`${gateway.portal}/flow/login/back`);
  await provider.stop();
  await provider.start();
}, 60_000);
afterAll(async () => {
  await gateway?.remove();
  await Promise.all([provider?.stop(), app?.close()]);
});

/** Chooses the source on the page of the login. Returns the URL of the provider. */
async function choose(client: Client): Promise<string> {
  const page = await client.follow(`${gateway.app('wiki')}/page`);
  const left = await client.submit(page, { login: '', source: 'company' });
  expect(left.status).toBe(303);
  return left.location;
}

/** What the provider sends the browser back with, as the URL that the browser then opens. */
async function visit(url: string, login = 'ann', how: 'in' | 'no' = 'in'): Promise<string> {
  const redirectUri = `${gateway.portal}/flow/login/back`;
  const answer = await visitProvider(url, { redirectUri, login, how });
  return `${redirectUri}?${answer.toString()}`;
}

const signIn = async (client: Client, login?: string): Promise<Answer> =>
  client.follow(await visit(await choose(client), login));

describe('a sign-in with a provider', () => {
  it('creates the user and leads to the app, with the provider’s groups', async () => {
    const client = new Client();
    const page = await client.follow(`${gateway.app('wiki')}/page`);
    expect(page.body).toContain('Continue with Company');
    const end = await signIn(client);
    expect(end.url).toBe(`${gateway.app('wiki')}/page`);
    expect(app.seen.at(-1)?.values('Remote-User')).toEqual(['ann']);
    expect(app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff']);
  });

  it('is the same user the next time, without groups that the provider has removed', async () => {
    provider.people.set('ann', { ...ANN, groups: [] });
    const end = await signIn(new Client());
    provider.people.set('ann', ANN);
    expect(end.status).toBe(403);
    const shown = await gateway.run(['user', 'list', '--json']);
    expect(shown.out.match(/"name": ?"ann"/g)?.length).toBe(1);
  });

  it('links the account of an existing user once the password is entered', async () => {
    provider.people.set('al', { ...ANN, email: 'alice@example.test' });
    const client = new Client();
    const page = await signIn(client, 'al');
    expect(page.body).toContain('Connect your account');
    await client.submitAndFollow(page, { password: PASSWORD });
    expect((await client.open(`${gateway.portal}/`)).body).toContain('Alice Example');
    const again = new Client();
    await signIn(again, 'al');
    expect((await again.open(`${gateway.portal}/`)).body).toContain('Alice Example');
  });

  it('is refused to accounts that the rules do not admit', async () => {
    provider.people.set('eve', { ...ANN, email: 'eve@example.com', email_verified: false });
    const client = new Client();
    const page = await signIn(client, 'eve');
    expect(page.body).toContain('is not allowed to sign in here');
    expect(gateway.output()).toContain('source/not-admitted');
  });

  it('can be canceled, and the form is there again', async () => {
    const client = new Client();
    const page = await client.follow(await visit(await choose(client), 'ann', 'no'));
    expect(page.body).toContain('was canceled');
    expect((await client.submitAndFollow(page, { login: 'alice' })).body).toContain('password');
  });
});

describe('an answer of the provider', () => {
  it('signs in no browser but the one that asked for it', async () => {
    const attacker = new Client();
    const stolen = await visit(await choose(attacker));
    const victim = new Client();
    await victim.follow(`${gateway.app('wiki')}/page`);
    const seen = await victim.follow(stolen);
    expect([seen.status, seen.body.includes('source/other-browser')]).toEqual([403, true]);
    expect((await victim.open(`${gateway.app('wiki')}/page`)).status).toBe(302);
    // Nothing was redeemed, so the browser that asked is signed in.
    expect((await attacker.follow(stolen)).url).toBe(`${gateway.app('wiki')}/page`);
  });

  it('counts once, and no app or log sees its code', async () => {
    const client = new Client();
    const answer = await visit(await choose(client));
    await client.follow(answer);
    expect((await client.open(answer)).cookies).toEqual([]);
    const code = new URL(answer).searchParams.get('code') ?? '';
    expect(code).not.toBe('');
    expect(gateway.output()).not.toContain(code);
    for (const request of app.seen) expect(request.values('Referer').join()).not.toContain(code);
  });

  it('is refused with the code of another browser’s visit', async () => {
    const [one, other] = [new Client(), new Client()];
    const mine = new URL(await visit(await choose(one)));
    const theirs = new URL(await visit(await choose(other)));
    mine.searchParams.set('code', theirs.searchParams.get('code') ?? '');
    const seen = await one.follow(mine.href);
    expect(seen.body).toContain('did not confirm this sign-in');
    expect((await one.open(`${gateway.app('wiki')}/page`)).status).toBe(302);
  });

  it('from another issuer is refused', async () => {
    const client = new Client();
    const answer = new URL(await visit(await choose(client)));
    answer.searchParams.set('iss', 'https://evil.example');
    expect((await client.follow(answer.href)).body).toContain('did not confirm this sign-in');
  });
});

describe('the address for answers', () => {
  const back = (): string => `${gateway.portal}/flow/login/back`;

  it.each([
    '',
    '?state=x&code=y',
    `?state=${'A'.repeat(22)}.${'A'.repeat(22)}&code=y`,
    '?state=a&state=b&code=y',
    '?answer=AAAA',
    '?state=%3Cscript%3Ealert(1)%3C%2Fscript%3E&error=%3Cimg%20src%3Dx%3E',
    '?rd=https://evil.example/&state=x',
  ])('refuses %s, repeats nothing and leads nowhere', async (query) => {
    const client = new Client();
    await client.follow(`${gateway.app('wiki')}/page`);
    const seen = await client.open(`${back()}${query}`);
    expect([seen.status, seen.location]).toEqual([403, '']);
    expect(seen.body).not.toMatch(/<script>alert|src=x>|evil\.example/);
    expect(seen.headers['referrer-policy']).toBe('no-referrer');
  });

  it('takes a form of the provider, without cookies, and signs in with its answer', async () => {
    const client = new Client();
    const answer = new URL(await visit(await choose(client))).searchParams;
    const sent = await client.send(back(), {
      method: 'POST',
      bare: true,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: provider.issuer,
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
      },
      body: answer.toString(),
    });
    expect(sent.status).toBe(303);
    expect(sent.location).not.toContain(answer.get('code'));
    expect((await client.follow(sent.location)).url).toBe(`${gateway.app('wiki')}/page`);
  });
});

describe('a provider that does not respond', () => {
  it('leaves the other ways to sign in open', async () => {
    const client = new Client();
    const back = await visit(await choose(client));
    await provider.stop();
    const page = await client.follow(back);
    expect(page.body).toContain('cannot be reached right now');
    const second = await client.submitAndFollow(page, { login: 'bob' });
    await client.submitAndFollow(second, { password: PASSWORD });
    expect((await client.open(`${gateway.portal}/`)).body).toContain('Bob Example');
  });
});
