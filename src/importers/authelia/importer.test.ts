import { describe, expect, it } from 'vitest';
import { readAll, textFile, verify } from '../../../test/support/exports.ts';
import { authelia } from './importer.ts';

/** The template of Authelia, with more users. */
const USERS = textFile(
  'users_database.yml',
  `---
users:
  authelia:
    disabled: false
    displayname: "Test User"
    password: "$argon2id$v=19$m=32768,t=1,p=8$eUhVT1dQa082YVk2VUhDMQ$E8QI4jHbUBt3EdsU1NFDu4Bq5jObKNx7nBKSn1EYQxk"  # Password is 'authelia'
    email: authelia@authelia.com
    groups:
      - admins
      - dev
  Bob:
    disabled: true
    displayname: 'Bob Dylan'
    password: '$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR/nCb2CJPOsKaPK0hjf.9yHxzQGZziziccp6Yng'
    email: 'bob.dylan@authelia.com'
    groups: []
    given_name: 'Robert'
    address:
      locality: 'Chiyoda City'
    extra:
      example: 'value'
  costly:
    displayname: Costly
    password: '$argon2id$v=19$m=2097152,t=1,p=4$Hjc8e7WYcBFcJmEDUOsS9A$ozM7RyZR1EyDR8cuyVpDDfmLrGPGFgo5E2NNqRumui4'
  yes:
    displayname: Yescrypt
    password: '$y$j9T$abc$def'
...
`,
);

/** \`authelia storage user totp export\`; the secret is base64 of the base32 text. */
const TOTP = textFile(
  'authelia.export.totp.yml',
  `# yaml-language-server: $schema=https://www.authelia.com/schemas/latest/json-schema/export.totp.json
totp_configurations:
    - created_at: 2024-02-01T09:00:00.123456789Z
      last_used_at: 2024-03-01T09:00:00Z
      username: authelia
      issuer: Authelia
      algorithm: SHA1
      digits: 6
      period: 30
      secret: SkJTV1kzRFBFSFBLM1BYUA==
    - created_at: 2024-02-01T09:00:00Z
      last_used_at: null
      username: bob
      issuer: Authelia
      algorithm: SHA256
      digits: 8
      period: 60
      secret: SkJTV1kzRFBFSFBLM1BYUA==
    - created_at: 2024-02-01T09:00:00Z
      username: stranger
      issuer: Authelia
      algorithm: SHA1
      digits: 6
      period: 30
      secret: SkJTV1kzRFBFSFBLM1BYUA==
`,
);

/** \`authelia storage user webauthn export\`. */
const WEBAUTHN = textFile(
  'authelia.export.webauthn.yml',
  `webauthn_credentials:
    - created_at: 2024-02-01T09:00:00Z
      rpid: auth.example.com
      username: authelia
      description: Primary
      kid: AQID+/8=
      aaguid: 00000000-0000-0000-0000-000000000000
      attestation_type: packed
      attestation_format: packed
      attachment: cross-platform
      transports:
        - usb
      sign_count: 4
      clone_warning: false
      legacy: false
      discoverable: true
      present: true
      verified: false
      backup_eligible: false
      backup_state: true
      public_key: pQECAyYgASFYIA==
      attestation: ''
    - created_at: 2019-02-01T09:00:00Z
      rpid: https://auth.example.com
      username: authelia
      description: Old
      kid: AQIDBA==
      attestation_type: fido-u2f
      attachment: ''
      transports: []
      sign_count: 4
      public_key: BAEC
`,
);

describe('users of Authelia', () => {
  it('keep everything of the users file', async () => {
    const { entries } = readAll(authelia, [USERS]);
    expect(entries.slice(0, 2)).toMatchObject([
      {
        user: {
          name: 'authelia',
          displayName: 'Test User',
          email: 'authelia@authelia.com',
          emailVerified: true,
          groups: ['admins', 'dev'],
          disabled: false,
        },
        factors: [],
        left: [],
      },
      {
        user: {
          name: 'Bob',
          disabled: true,
          attributes: {
            given_name: 'Robert',
            address: { locality: 'Chiyoda City' },
            example: 'value',
          },
        },
      },
    ]);
    expect(await verify(entries[0]?.passwordHash, 'authelia')).toBe('right');
    expect(await verify(entries[1]?.passwordHash, 'insecure_secret')).toBe('right');
  });

  it('are imported without a password if its hash costs too much or is of another kind', () => {
    const { entries } = readAll(authelia, [USERS]);
    expect(entries.slice(2)).toMatchObject([
      { user: { name: 'costly' }, passwordHash: null, left: ['password/kind'] },
      { user: { name: 'yes' }, passwordHash: null, left: ['password/kind'] },
    ]);
  });

  it.each(['hunter2', '$ecret', '$ecret$'])('are refused with a plain password: %s', (password) => {
    const file = textFile('u.yml', `users:\n  ann:\n    password: '${password}'\n`);
    expect(() => readAll(authelia, [file])).toThrow(/u\.yml:3:5 users\.ann\.password/);
  });

  it('keep authenticator apps and passkeys of the exports, in any order of files', () => {
    const { entries, ignored } = readAll(authelia, [WEBAUTHN, TOTP, USERS]);
    expect(entries[0]?.factors).toEqual([
      {
        kind: 'webauthn',
        name: 'Primary',
        createdAt: Date.parse('2024-02-01T09:00:00Z'),
        lastUsedAt: null,
        handle: 'AQID-_8',
        data: {
          publicKey: 'pQECAyYgASFYIA',
          counter: 4,
          transports: ['usb'],
          backedUp: true,
          rpId: 'auth.example.com',
          userHandle: null,
        },
      },
      {
        kind: 'totp',
        name: 'TOTP',
        createdAt: Date.parse('2024-02-01T09:00:00.123Z'),
        lastUsedAt: Date.parse('2024-03-01T09:00:00Z'),
        handle: '',
        data: { secret: 'JBSWY3DPEHPK3PXP', digits: 6, period: 30, algorithm: 'SHA1' },
      },
    ]);
    expect(entries[0]?.left).toEqual(['passkey/kind']);
    expect(entries[1]?.factors).toMatchObject([
      { data: { digits: 8, period: 60, algorithm: 'SHA256' } },
    ]);
    expect(ignored).toEqual([{ name: 'stranger', why: 'no-user' }]);
  });

  it('are not in exports of second factors alone', () => {
    expect(() => readAll(authelia, [TOTP])).toThrow('name the users file in the same command');
  });

  it.each([
    ['no list', 'totp_configurations: 7\n', 'totp_configurations: '],
    ['no secret', 'totp_configurations:\n- username: ann\n', 'totp_configurations.0.secret: '],
    ['no YAML', 'totp_configurations: [\n', 'u.yml: '],
    [
      'aliases that multiply',
      `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\ntotp_configurations: [${'*c,'.repeat(20)}]\n`,
      'alias',
    ],
  ])('are refused with a second file that has %s', (_what, text, message) => {
    expect(() => readAll(authelia, [USERS, textFile('u.yml', text)])).toThrow(message);
  });
});
