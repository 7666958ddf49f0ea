/** Peculiarities of common providers, as their documentation has them. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { fakeClock } from '../../../test/support/fakes.ts';
import {
  CLIENT_ID,
  json,
  problemCode,
  type ScriptedProvider,
  scriptedProvider,
  signIn,
} from '../../../test/support/scripted-provider.ts';
import type { Source } from '../../core/sources/source.ts';
import { openOidcSource } from './open.ts';
import { oidcOptions } from './options.ts';

const folder = mkdtempSync(join(tmpdir(), 'doorward-presets-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function open(provider: ScriptedProvider, options: object): Promise<Source> {
  const parsed = oidcOptions.parse({ client_id: CLIENT_ID, client_secret: 'x', ...options });
  const tools = { name: 'work', clock: fakeClock(), openDoor: provider.openDoor };
  return openOidcSource(parsed, tools);
}

async function google() {
  const provider = await scriptedProvider('https://accounts.google.com');
  provider.metadata = {
    token_endpoint: 'https://oauth2.googleapis.com/token',
    userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
    jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
    end_session_endpoint: undefined,
  };
  for (const [own, real] of [
    ['https://accounts.google.com/token', 'https://oauth2.googleapis.com/token'],
    ['https://accounts.google.com/keys', 'https://www.googleapis.com/oauth2/v3/certs'],
  ] as const) {
    const page = provider.pages.get(own);
    if (page !== undefined) provider.pages.set(real, page);
  }
  return { provider, source: await open(provider, { preset: 'google' }) };
}

describe('google', () => {
  it('has endpoints on several hosts, and no sign-out', async () => {
    const { provider, source } = await google();
    provider.script.claims = { email: 'ann@gmail.com', email_verified: true, name: 'Ann' };
    expect(await signIn(source, provider)).toMatchObject({
      username: 'ann@gmail.com',
      displayName: 'Ann',
      emailVerified: true,
      groups: null,
    });
    expect([source.title, source.mark]).toEqual(['Google', 'G']);
    const end = { idToken: null, returnTo: 'https://x.test/', state: 'x' };
    expect(await source.signOutUrl(end)).toBeNull();
  });

  it.each<[string, object, boolean]>([
    ['a mailbox of Google', { email: 'ann@gmail.com' }, true],
    ['a mailbox of a Workspace', { email: 'ann@example.com', hd: 'example.com' }, true],
    ['a mailbox elsewhere', { email: 'ann@example.com' }, false],
    ['a name that looks like one', { email: 'ann@gmail.com.example.com' }, false],
  ])('proves %s accordingly', async (_what, claims, isVerified) => {
    const { provider, source } = await google();
    provider.script.claims = { ...claims, email_verified: true };
    expect((await signIn(source, provider)).emailVerified).toBe(isVerified);
  });
});

describe('microsoft', () => {
  const [ONE, TWO, STRANGE] = ['1', '2', '3'].map(
    (digit) => `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`,
  );
  const HOST = 'https://login.microsoftonline.com';

  async function microsoft(authority: string, issuer: string) {
    const provider = await scriptedProvider(`${HOST}/${authority}/v2.0`);
    provider.metadata = { issuer };
    const tenants = authority === 'organizations' ? [ONE, TWO] : [authority];
    return { provider, source: await open(provider, { preset: 'microsoft', tenants }) };
  }

  it('is one issuer with one tenant', async () => {
    const issuer = `${HOST}/${ONE}/v2.0`;
    const { provider, source } = await microsoft(ONE ?? '', issuer);
    provider.script.claims = { iss: issuer, tid: ONE, preferred_username: 'ann@example.com' };
    expect(await signIn(source, provider)).toMatchObject({ issuer, username: 'ann@example.com' });
    provider.script.claims = { iss: `${HOST}/${TWO}/v2.0`, tid: TWO };
    expect(await problemCode(signIn(source, provider))).toBe('source/refused');
  });

  it('is one issuer for each of several tenants, and no other', async () => {
    const { provider, source } = await microsoft('organizations', `${HOST}/{tenantid}/v2.0`);
    const of = (tenant: unknown, tid = tenant): void => {
      provider.script.claims = { iss: `${HOST}/${String(tenant)}/v2.0`, tid };
    };
    of(TWO);
    expect((await signIn(source, provider)).issuer).toBe(`${HOST}/${TWO}/v2.0`);
    for (const [tenant, tid] of [
      [STRANGE, STRANGE],
      [ONE, TWO],
      ['{tenantid}', '{tenantid}'],
    ]) {
      of(tenant, tid);
      expect(await problemCode(signIn(source, provider))).toBe('source/refused');
    }
  });

  it.each<[string, object, boolean]>([
    ['an address alone', { email_verified: true }, false],
    ['a domain that the tenant owns', { xms_edov: true }, true],
    ['the same as a number', { xms_edov: '1' }, true],
    ['a domain that it does not own', { xms_edov: false, email_verified: true }, false],
  ])('proves nothing by %s accordingly', async (_what, claims, isVerified) => {
    const issuer = `${HOST}/${ONE}/v2.0`;
    const { provider, source } = await microsoft(ONE ?? '', issuer);
    provider.script.claims = { tid: ONE, email: 'ceo@example.com', ...claims };
    expect((await signIn(source, provider)).emailVerified).toBe(isVerified);
  });

  it.each<[object, string]>([
    [{}, 'required with microsoft, or accounts of every company could sign in'],
    [{ tenants: ['common'] }, 'expected the id of a tenant'],
    [{ tenants: [ONE], issuer: HOST }, 'not with microsoft; use tenants'],
  ])('does not accept %j', (options, message) => {
    const parsed = oidcOptions.safeParse({
      preset: 'microsoft',
      client_id: 'x',
      client_secret: 'x',
      ...options,
    });
    expect(parsed.error?.issues.map((issue) => issue.message)).toContain(message);
  });
});

describe('apple', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = join(folder, 'apple.p8');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const options = { preset: 'apple', key, key_id: 'KEY1234567', team_id: 'TEAM123456' };

  async function apple() {
    const provider = await scriptedProvider('https://appleid.apple.com');
    provider.metadata = { userinfo_endpoint: undefined, end_session_endpoint: undefined };
    return { provider, source: await open(provider, { ...options, client_secret: undefined }) };
  }

  it('returns by a form, and is shown a secret that we sign', async () => {
    const { provider, source } = await apple();
    const url = new URL(
      await source.begin(
        {
          state: 's',
          nonce: 'n',
          verifier: 'v'.repeat(43),
          redirectUri: 'https://a.test/back',
          maxAge: null,
        },
        { username: null, prompt: null },
      ),
    );
    expect([url.searchParams.get('response_mode'), source.returnsBy]).toEqual([
      'form_post',
      'form_post',
    ]);
    await signIn(source, provider);
    const { form, headers } = provider.requests.findLast(({ method }) => method === 'POST') ?? {};
    const secret = form?.get('client_secret') ?? '';
    expect([form?.get('client_id'), headers?.get('authorization')]).toEqual([CLIENT_ID, null]);
    expect(decodeProtectedHeader(secret)).toEqual({ alg: 'ES256', kid: 'KEY1234567' });
    const { iat = 0, exp = 0 } = decodeJwt(secret);
    expect(exp - iat).toBe(300);
    const spki = publicKey.export({ type: 'spki', format: 'pem' });
    const { payload } = await jwtVerify(secret, await importSPKI(spki, 'ES256'), {
      issuer: 'TEAM123456',
      audience: 'https://appleid.apple.com',
    });
    expect(payload.sub).toBe(CLIENT_ID);
  });

  it('says the name once, beside the token, and truth as text', async () => {
    const { provider, source } = await apple();
    provider.script.claims = { email: 'x1@privaterelay.appleid.com', email_verified: 'true' };
    const named = await signIn(source, provider, {
      change: (answer) =>
        answer.set(
          'user',
          JSON.stringify({
            name: { firstName: 'Ann', lastName: 'Example' },
            email: 'admin@example.com',
          }),
        ),
    });
    expect(named).toMatchObject({
      displayName: 'Ann Example',
      email: 'x1@privaterelay.appleid.com',
      emailVerified: true,
    });
    expect(await signIn(source, provider)).toMatchObject({ displayName: null });
  });

  it.each(['{', '[]', '{"name":"x"}', '{"name":{"firstName":["x"]}}', `"${'x'.repeat(5000)}"`])(
    'has no name in %j',
    async (user) => {
      const { provider, source } = await apple();
      const change = (answer: URLSearchParams): void => answer.set('user', user);
      expect(await signIn(source, provider, { change })).toMatchObject({ displayName: null });
    },
  );

  it('needs its key', async () => {
    const lacking = oidcOptions.safeParse({ preset: 'apple', client_id: 'x' });
    expect(lacking.error?.issues.map(({ path }) => path.join('.'))).toEqual([
      'key',
      'key_id',
      'team_id',
    ]);
    writeFileSync(join(folder, 'none.p8'), 'no key');
    const provider = await scriptedProvider('https://appleid.apple.com');
    const opened = open(provider, { ...options, key: join(folder, 'none.p8') });
    await expect(opened).rejects.toMatchObject({ code: 'source/key' });
  });
});

describe('private_key_jwt', () => {
  it('signs for the provider, and sends no secret', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = join(folder, 'own.pem');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const issuer = 'https://id.example.com/realms/main';
    const provider = await scriptedProvider(issuer);
    const source = await open(provider, {
      preset: 'keycloak',
      issuer,
      client_secret: undefined,
      key,
      key_id: 'ours',
      key_algorithm: 'RS256',
    });
    await signIn(source, provider);
    const { form } = provider.requests.findLast(({ method }) => method === 'POST') ?? {};
    expect(form?.has('client_secret')).toBe(false);
    const assertion = form?.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'RS256', kid: 'ours' });
    expect(decodeJwt(assertion)).toMatchObject({ iss: CLIENT_ID, sub: CLIENT_ID });
  });
});

describe('groups', () => {
  it.each<[string, object, object, unknown]>([
    [
      'a path',
      { groups: 'realm_access.roles' },
      { realm_access: { roles: ['a', 'b'] } },
      ['a', 'b'],
    ],
    [
      'a name with dots',
      { groups: 'https://x.test/groups' },
      { 'https://x.test/groups': ['a'] },
      ['a'],
    ],
    ['one text', {}, { groups: 'a' }, ['a']],
    ['texts among others', {}, { groups: ['a', 1, null, { b: 1 }, 'x\ny', 'a'] }, ['a']],
    ['a map', {}, { groups: { a: true } }, null],
    ['nothing', {}, {}, null],
  ])('are read from %s', async (_what, fields, claims, groups) => {
    const issuer = 'https://id.example.com';
    const provider = await scriptedProvider(issuer);
    provider.pages.set(`${issuer}/userinfo`, () => json({ sub: 'user-1', ...claims }));
    const source = await open(provider, { issuer, fields });
    expect((await signIn(source, provider)).groups).toEqual(groups);
  });
});
