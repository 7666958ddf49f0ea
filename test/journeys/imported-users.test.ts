/**
 * Users of other products, imported into a running gateway: they sign in with the passwords and
 * authenticator apps that they had there.
 */
import { pbkdf2Sync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import type { Gateway } from '../support/gateway.ts';
import { startBefore } from '../support/operations.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

/** Asks for the second factor of everyone who has one. */
const LOGIN = `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - { type: password }
  - { type: authenticator, not_configured: skip }
  - { type: user_login }
`;
const LOGOUT = `title: Sign out
designation: invalidation
stages: [{ type: user_logout }]
`;
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

let app: WebApp;
let gateway: Gateway;

beforeAll(async () => {
  app = await startWebApp('app');
  gateway = await startBefore(app.port, {
    directories: '[{ type: embedded }]',
    hashing: 'full',
    flows: { login: LOGIN, logout: LOGOUT },
  });
});
afterAll(async () => {
  await gateway?.remove();
  await app?.close();
});

function fileOf(name: string, content: string | object): string {
  const path = join(gateway.dir, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** The page after the password. */
async function afterPassword(name: string, password: string) {
  const client = new Client();
  return { client, page: await client.signIn(`${gateway.app('wiki')}/`, name, password) };
}

async function usesApp(name: string, password: string, options: object = {}): Promise<void> {
  const { client, page } = await afterPassword(name, password);
  expect(page.url).toContain('auth.gw.test');
  const wrong = await client.submitAndFollow(page, { code: '000000' });
  expect(wrong.url).toContain('auth.gw.test');
  const code = new TOTP({ secret: SECRET, digits: 6, period: 30, ...options }).generate();
  const end = await client.submitAndFollow(wrong, { code });
  expect([end.status, end.url]).toEqual([200, `${gateway.app('wiki')}/`]);
}

describe('users of Authelia', () => {
  it('sign in with their password, and with the code of their app', async () => {
    const users = fileOf(
      'users_database.yml',
      `users:
  authelia:
    displayname: Test User
    password: "$argon2id$v=19$m=32768,t=1,p=8$eUhVT1dQa082YVk2VUhDMQ$E8QI4jHbUBt3EdsU1NFDu4Bq5jObKNx7nBKSn1EYQxk"
    email: authelia@authelia.com
`,
    );
    const codes = fileOf(
      'authelia.export.totp.yml',
      `totp_configurations:
  - { username: authelia, issuer: Authelia, algorithm: SHA512, digits: 6, period: 60, secret: ${Buffer.from(SECRET).toString('base64')}, created_at: 2024-02-01T09:00:00Z }
`,
    );
    const trial = await gateway.run(['user', 'import', '--dry-run', users, codes]);
    expect(trial).toMatchObject({ code: 0, err: '' });
    expect((await gateway.run(['user', 'list'])).out).not.toContain('authelia');
    const ran = await gateway.run(['user', 'import', users, codes]);
    expect(ran).toEqual({
      code: 0,
      out: 'authelia: added\n1 user added, 0 updated, 0 skipped, 1 authenticator app\n',
      err: '',
    });
    await usesApp('authelia', 'authelia', { algorithm: 'SHA512', period: 60 });
    // A second run neither changes the user nor adds the app again.
    const again = await gateway.run(['user', 'import', users, codes]);
    expect(again.out).toContain('0 users added, 0 updated, 1 skipped\n');
    const shown = await gateway.run(['user', 'show', 'authelia', '--json']);
    expect(JSON.parse(shown.out).authenticators).toMatchObject([{ kind: 'totp' }]);
  });
});

describe('users of Keycloak', () => {
  it('sign in with their password, and with the code of their app', async () => {
    const salt = Buffer.alloc(16, 7);
    const value = pbkdf2Sync('Sécret 1', salt, 210_000, 64, 'sha512').toString('base64');
    const path = fileOf('acme-realm.json', {
      realm: 'acme',
      users: [
        {
          username: 'jane',
          enabled: true,
          emailVerified: true,
          email: 'jane@example.com',
          credentials: [
            {
              type: 'password',
              secretData: JSON.stringify({ value, salt: salt.toString('base64') }),
              credentialData: JSON.stringify({
                hashIterations: 210_000,
                algorithm: 'pbkdf2-sha512',
              }),
            },
            {
              type: 'otp',
              secretData: JSON.stringify({ value: SECRET }),
              credentialData:
                '{"subType":"totp","digits":6,"period":30,"algorithm":"HmacSHA1","secretEncoding":"BASE32"}',
            },
          ],
        },
      ],
    });
    expect(await gateway.run(['user', 'import', path])).toMatchObject({ code: 0, err: '' });
    await usesApp('jane', 'Sécret 1');
  });
});

describe('users of authentik', () => {
  it('sign in with their password, and with the code of their app', async () => {
    const path = fileOf('users.json', [
      {
        model: 'authentik_core.user',
        pk: 5,
        fields: {
          username: 'ann',
          email: 'ann@example.com',
          is_active: true,
          password: 'pbkdf2_sha256$720000$seasalt$eDupbcisD1UuIiou3hMuMu8oe/XwnpDw45r6AA5iv0E=',
        },
      },
      {
        model: 'authentik_stages_authenticator_totp.totpdevice',
        pk: 1,
        fields: {
          user: 5,
          confirmed: true,
          key: '48656c6c6f21deadbeef48656c6c6f21deadbeef',
          step: 30,
          t0: 0,
          digits: 6,
        },
      },
    ]);
    expect(await gateway.run(['user', 'import', path])).toMatchObject({
      code: 0,
      err: 'not imported: the verification of email addresses (see --trust-email): ann\n',
    });
    await usesApp('ann', 'lètmein');
  });
});
