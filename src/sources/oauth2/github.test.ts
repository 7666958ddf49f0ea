/** GitHub, as its documentation has it: numbers as ids, lists in pages, and errors with status 200. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fakeClock } from '../../../test/support/fakes.ts';
import { passage } from '../../../test/support/passage.ts';
import {
  ACCESS_TOKEN,
  json,
  problemCode,
  type ScriptedProvider,
  scriptedProvider,
  signIn,
} from '../../../test/support/scripted-provider.ts';
import type { Source } from '../../core/sources/source.ts';
import { openOauthSource } from './open.ts';
import { oauthOptions } from './options.ts';

const LOGIN = 'https://github.com/login/oauth';
const API = 'https://api.github.com';

let provider: ScriptedProvider;
let emails: object[];
let user: Record<string, unknown>;
beforeEach(async () => {
  provider = await scriptedProvider(LOGIN);
  user = { id: 583231, login: 'octocat', name: 'Mona', email: 'shown@example.com' };
  emails = [
    { email: 'other@example.com', primary: false, verified: true },
    { email: 'octocat@example.com', primary: true, verified: true },
  ];
  provider.pages.set(`${LOGIN}/access_token`, () =>
    json({ access_token: ACCESS_TOKEN, token_type: 'bearer', scope: 'user:email,read:org' }),
  );
  provider.pages.set(`${API}/user`, () => json(user));
  provider.pages.set(`${API}/user/emails`, () => json(emails));
});

function open(options: object = {}): Promise<Source> {
  const config = { preset: 'github', client_id: 'id', client_secret: 'a secret', ...options };
  const { openDoor } = provider;
  return openOauthSource(oauthOptions.parse(config), {
    name: 'work',
    clock: fakeClock(),
    openDoor,
  });
}
const withIss = (answer: URLSearchParams): void => answer.set('iss', LOGIN);
const withOtherIss = (answer: URLSearchParams): void => answer.set('iss', 'https://github.com');

describe('github', () => {
  it('names an account by its number, and takes the verified address', async () => {
    const source = await open();
    expect(await signIn(source, provider, { change: withIss })).toMatchObject({
      subject: '583231',
      issuer: LOGIN,
      username: 'octocat',
      displayName: 'Mona',
      email: 'octocat@example.com',
      emailVerified: true,
      groups: null,
      sid: null,
    });
    const { form, headers } = provider.requests.find(({ method }) => method === 'POST') ?? {};
    expect(headers?.get('accept')).toBe('application/json');
    expect(form?.get('code_verifier')).toBe(passage().verifier);
    expect([source.title, source.origins]).toEqual(['GitHub', ['https://github.com']]);
  });

  it('must say in its answer that it is GitHub', async () => {
    const source = await open();
    expect(await problemCode(signIn(source, provider))).toBe('source/refused');
    const forged = signIn(source, provider, { change: withOtherIss });
    expect(await problemCode(forged)).toBe('source/refused');
  });

  it.each<[string, object[]]>([
    ['is not verified', [{ email: 'octocat@example.com', primary: true, verified: false }]],
    ['is not the primary one', [{ email: 'octocat@example.com', primary: false, verified: true }]],
    ['does not exist', []],
  ])('has no address if it %s', async (_what, list) => {
    emails = list;
    const source = await open();
    expect(await signIn(source, provider, { change: withIss })).toMatchObject({
      email: null,
      emailVerified: false,
    });
  });

  it('has organizations and teams as groups, over all pages', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      slug: `team-${index}`,
      organization: { login: 'acme' },
    }));
    provider.pages.set(`${API}/user/memberships/orgs`, () =>
      json([
        { state: 'active', organization: { login: 'acme' } },
        { state: 'pending', organization: { login: 'evil' } },
      ]),
    );
    provider.pages.set(`${API}/user/teams`, ({ query }) =>
      json(
        query.get('page') === '1'
          ? many
          : [
              { slug: 'admins', organization: { login: 'acme' } },
              { slug: 'admins', organization: { login: 'evil' } },
            ],
      ),
    );
    const source = await open({ scopes: ['user:email', 'read:org'] });
    const { groups } = await signIn(source, provider, { change: withIss });
    expect(groups).toHaveLength(102);
    expect(groups).toEqual(expect.arrayContaining(['acme', 'acme/team-99', 'acme/admins']));
    expect(groups?.some((group) => group.includes('evil'))).toBe(false);
  });

  it('reports errors with status 200', async () => {
    provider.pages.set(`${LOGIN}/access_token`, () => json({ error: 'bad_verification_code' }));
    const source = await open();
    expect(await problemCode(signIn(source, provider, { change: withIss }))).toBe('source/refused');
  });

  it.each<[string, () => Response]>([
    ['is over its limit', () => json({}, 403)],
    ['has an outage', () => json({}, 500)],
    ['answers with a page', () => new Response('<html>')],
  ])('is unavailable while it %s', async (_what, page) => {
    provider.pages.set(`${API}/user`, page);
    const source = await open();
    expect(await problemCode(signIn(source, provider, { change: withIss }))).toBe(
      'source/unavailable',
    );
  });

  it('checks an account with its lasting token', async () => {
    const source = await open();
    const own = await signIn(source, provider, { change: withIss });
    const account = { ...own, refreshToken: own.refreshToken ?? '' };
    user = { ...user, name: 'Lisa' };
    const renewed: string[] = [];
    const recheck = () =>
      source.recheck(account, (token) => Promise.resolve(void renewed.push(token)));
    expect(await recheck()).toMatchObject({
      stands: true,
      profile: { subject: '583231', displayName: 'Lisa' },
    });
    expect(renewed).toEqual([]);
    provider.pages.set(`${API}/user`, () => json({ message: 'Bad credentials' }, 401));
    expect(await recheck()).toMatchObject({ stands: false, profile: null });
    user = { ...user, id: 1 };
    provider.pages.set(`${API}/user`, () => json(user));
    expect(await problemCode(recheck())).toBe('source/refused');
  });

  it('can be a server of one’s own', async () => {
    const source = await open({ url: 'https://git.example.com/' });
    const own = 'https://git.example.com';
    provider.pages.set(`${own}/login/oauth/access_token`, () =>
      json({ access_token: ACCESS_TOKEN, token_type: 'bearer' }),
    );
    provider.pages.set(`${own}/api/v3/user`, () => json(user));
    provider.pages.set(`${own}/api/v3/user/emails`, () => json(emails));
    // Older servers send no issuer.
    expect(await signIn(source, provider)).toMatchObject({ issuer: `${own}/login/oauth` });
    const forged = signIn(source, provider, { change: withIss });
    expect(await problemCode(forged)).toBe('source/refused');
  });
});

describe('plain OAuth 2', () => {
  it('proves no time of sign-in', async () => {
    const source = await open();
    expect(source.provesAge).toBe(false);
    const own = { ...passage(), maxAge: 60 };
    expect(await problemCode(signIn(source, provider, { own, change: withIss }))).toBe(
      'source/refused',
    );
  });

  it.each<[object, string, string]>([
    [{}, 'authorization_url', 'required without a preset'],
    [{}, 'fields.id', 'required without a preset, for example id'],
    [
      { token_url: 'http://id.example.com/token' },
      'token_url',
      'expected https://, or insecure: true; without TLS, secrets would be sent in clear text',
    ],
    [{ url: 'https://git.example.com' }, 'url', 'only with preset: github'],
    [
      { scopes: ['openid'] },
      'scopes',
      'expected no openid; use type: oidc, which verifies ID tokens',
    ],
    [{ client_secret: undefined }, 'client_secret', 'required'],
    [{ client_auth: 'private_key_jwt' }, 'key', 'required'],
    [
      { authorization_params: { state: 'x' } },
      'authorization_params',
      'expected no parameter that Doorward sets: client_id, code_challenge, code_challenge_method, nonce, redirect_uri, request, request_uri, response_mode, response_type, scope, state',
    ],
    [
      { token_url: 'https://a:b@id.example.com/' },
      'token_url',
      'expected an https:// URL without credentials, query or fragment',
    ],
  ])('does not accept %j', (options, path, message) => {
    const parsed = oauthOptions.safeParse({ client_id: 'x', client_secret: 'x', ...options });
    const faults = parsed.error?.issues.map((issue) => [issue.path.join('.'), issue.message]);
    expect(faults).toContainEqual([path, message]);
  });
});
