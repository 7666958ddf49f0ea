import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportOf, readAll, verify } from '../../../test/support/exports.ts';
import { keycloak } from './importer.ts';

/** As Keycloak 26 stored the password `secret`. */
const ARGON2 = {
  type: 'password',
  createdDate: 1_767_604_673_211,
  secretData:
    '{"value":"xKjWvB9+0sSP6wTqI1JoEI7w+iA0x9VDhPgmrOHRG80=","salt":"LRScGShC7shkdoU5B1UgUQ==","additionalParameters":{}}',
  credentialData:
    '{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}',
};

/** As `Pbkdf2PasswordHashProvider` stores a password: a key of 512 bits, whatever the digest. */
function pbkdf2(algorithm: string, digest: string, password: string) {
  const salt = Buffer.from('9d2b7a4ef01c55aa3344ffee00112233', 'hex');
  const value = pbkdf2Sync(password, salt, 1_000, 64, digest).toString('base64');
  return {
    type: 'password',
    secretData: JSON.stringify({ value, salt: salt.toString('base64'), additionalParameters: {} }),
    credentialData: JSON.stringify({ hashIterations: 1_000, algorithm, additionalParameters: {} }),
  };
}

const otp = (changes: object = {}, value = 'JBSWY3DPEHPK3PXP') => ({
  type: 'otp',
  userLabel: 'Phone',
  createdDate: 1_767_605_202_060,
  secretData: JSON.stringify({ value }),
  credentialData: JSON.stringify({
    subType: 'totp',
    digits: 6,
    counter: 0,
    period: 30,
    algorithm: 'HmacSHA1',
    secretEncoding: 'BASE32',
    ...changes,
  }),
});

const passkey = (type = 'webauthn') => ({
  type,
  userLabel: 'Key',
  createdDate: 1,
  secretData: '{}',
  credentialData: JSON.stringify({
    aaguid: '00000000-0000-0000-0000-000000000000',
    credentialId: 'AQID+/8=',
    counter: 7,
    credentialPublicKey: 'pQECAyYgASFYIA',
    attestationStatementFormat: 'none',
    transports: ['usb', 'odd'],
  }),
});

const JANE = {
  id: 'a1d0c6e8-0f4f-4ab4-8a4f-1b1a4c1f2e3d',
  username: 'jane.doe',
  email: 'jane@example.com',
  emailVerified: true,
  firstName: 'Jane',
  lastName: 'Doe',
  enabled: true,
  createdTimestamp: 1_700_000_000_000,
  totp: true,
  attributes: { plan: ['gold'], tags: ['a', 'b'], realm_roles: ['admin'] },
  credentials: [ARGON2, otp()],
  disableableCredentialTypes: [],
  requiredActions: [],
  realmRoles: ['default-roles-acme', 'editor'],
  clientRoles: { account: ['view-profile'] },
  notBefore: 0,
  groups: ['/staff', '/teams/blue'],
};

const realm = (...users: object[]) => ({ id: 'acme', realm: 'acme', enabled: true, users });
const read = (...users: object[]) => readAll(keycloak, [exportOf('realm.json', realm(...users))]);

describe('users of Keycloak', () => {
  it('keep names, address, groups, attributes and roles', () => {
    const { entries, ignored } = read(JANE, { username: 'bare', enabled: false });
    expect(ignored).toEqual([]);
    expect(entries[0]).toMatchObject({
      user: {
        name: 'jane.doe',
        displayName: 'Jane Doe',
        email: 'jane@example.com',
        emailVerified: true,
        groups: ['staff', 'teams/blue'],
        attributes: {
          plan: 'gold',
          tags: ['a', 'b'],
          given_name: 'Jane',
          family_name: 'Doe',
          realm_roles: ['editor'],
          client_roles: { account: ['view-profile'] },
        },
        disabled: false,
        passwordSetAt: 1_767_604_673_211,
      },
      left: [],
    });
    expect(entries[1]).toMatchObject({
      user: { name: 'bare', disabled: true },
      passwordHash: null,
    });
  });

  it('cannot make roles of attributes', () => {
    const attributes = { realm_roles: ['admin'], client_roles: ['admin'] };
    const { entries } = read({ ...JANE, attributes, realmRoles: [], clientRoles: {} });
    expect(entries[0]?.user.attributes).toEqual({ given_name: 'Jane', family_name: 'Doe' });
  });

  it.each([
    ['argon2', ARGON2, 'secret'],
    ['pbkdf2', pbkdf2('pbkdf2', 'sha1', 'Pässword 1'), 'Pässword 1'],
    ['pbkdf2-sha256', pbkdf2('pbkdf2-sha256', 'sha256', 'Pässword 2'), 'Pässword 2'],
    ['pbkdf2-sha512', pbkdf2('pbkdf2-sha512', 'sha512', 'Pässword 3'), 'Pässword 3'],
  ])('keep a password stored with %s', async (_kind, stored, password) => {
    const [entry] = read({ ...JANE, credentials: [stored] }).entries;
    expect(await verify(entry?.passwordHash, password)).toBe('right');
    expect(await verify(entry?.passwordHash, `${password}x`)).toBe('wrong');
  });

  it.each([
    ['an unknown algorithm', { credentialData: '{"hashIterations":1,"algorithm":"md5"}' }],
    [
      'a cost without bounds',
      { credentialData: ARGON2.credentialData.replace('7168', '99999999') },
    ],
    ['data that is no JSON', { secretData: '{"value":' }],
    ['no data', { secretData: null, credentialData: null }],
  ])('are imported without a password if it has %s, and this is reported', (_what, changes) => {
    const [entry] = read({ ...JANE, credentials: [{ ...ARGON2, ...changes }] }).entries;
    expect(entry).toMatchObject({ passwordHash: null, left: ['password/kind'] });
  });

  it('do not keep a temporary password', () => {
    const [entry] = read({ ...JANE, requiredActions: ['UPDATE_PASSWORD'] }).entries;
    expect(entry).toMatchObject({ passwordHash: null, left: ['password/temporary'] });
  });

  it.each([
    { federationLink: 'ldap-1' },
    { federatedIdentities: [{ identityProvider: 'google' }] },
  ])('have their password elsewhere: %o', (changes) => {
    const [entry] = read({ ...JANE, ...changes, credentials: [] }).entries;
    expect(entry).toMatchObject({ passwordHash: null, left: ['password/elsewhere'] });
  });

  it('keep authenticator apps, with base32 secrets and with those that are text', () => {
    const text = otp({ secretEncoding: null, algorithm: 'HmacSHA512', digits: 8 }, 'Xk3fooBAR9');
    const [entry] = read({ ...JANE, credentials: [otp(), text] }).entries;
    expect(entry?.factors).toEqual([
      {
        kind: 'totp',
        name: 'Phone',
        createdAt: 1_767_605_202_060,
        lastUsedAt: null,
        handle: '',
        data: { secret: 'JBSWY3DPEHPK3PXP', digits: 6, period: 30, algorithm: 'SHA1' },
      },
      expect.objectContaining({
        data: { secret: 'LBVTGZTPN5BECURZ', digits: 8, period: 30, algorithm: 'SHA512' },
      }),
    ]);
  });

  it.each([
    { subType: 'hotp' },
    { digits: 4 },
    { period: 0 },
    { period: 86_400 },
    { algorithm: 'HmacMD5' },
  ])('lose codes that Doorward does not have: %o', (changes) => {
    const [entry] = read({ ...JANE, credentials: [otp(changes)] }).entries;
    expect(entry).toMatchObject({ factors: [], left: ['totp/kind'] });
  });

  it('keep passkeys of the portal’s host, if the realm names it', () => {
    const policy = { webAuthnPolicyRpId: 'Auth.Example.com', webAuthnPolicyPasswordlessRpId: '' };
    const jane = { ...JANE, credentials: [passkey(), passkey('webauthn-passwordless')] };
    const files = [exportOf('acme-realm.json', { ...realm(jane), ...policy })];
    const [entry] = readAll(keycloak, files).entries;
    expect(entry?.factors).toEqual([
      {
        kind: 'webauthn',
        name: 'Key',
        createdAt: 1,
        lastUsedAt: null,
        handle: 'AQID-_8',
        data: {
          publicKey: 'pQECAyYgASFYIA',
          counter: 7,
          transports: ['usb'],
          backedUp: false,
          rpId: 'auth.example.com',
          userHandle: Buffer.from(JANE.id).toString('base64url'),
        },
      },
    ]);
    expect(entry?.left).toEqual(['passkey/unknown-host']);
    const [elsewhere] = readAll(keycloak, files, { portalHost: 'login.other.test' }).entries;
    expect(elsewhere).toMatchObject({
      factors: [],
      left: ['passkey/host', 'passkey/unknown-host'],
    });
  });

  it('report recovery codes and other factors', () => {
    const credentials = [{ type: 'recovery-authn-codes' }, { type: 'sms' }, { type: null }];
    const [entry] = read({ ...JANE, credentials }).entries;
    expect(entry?.left).toEqual(['recovery-codes', 'other-factor', 'other-factor']);
  });

  it('have an unverified address as in Keycloak, unless addresses are trusted', () => {
    const file = exportOf('realm.json', realm({ ...JANE, emailVerified: false }));
    const [entry] = readAll(keycloak, [file]).entries;
    expect(entry).toMatchObject({ user: { emailVerified: false }, left: ['email/unverified'] });
    const [trusted] = readAll(keycloak, [file], { trustsEmail: true }).entries;
    expect(trusted).toMatchObject({ user: { emailVerified: true }, left: [] });
  });

  it('are no service accounts', () => {
    const machine = { username: 'service-account-ci', enabled: true, serviceAccountClientId: 'ci' };
    expect(read(JANE, machine)).toMatchObject({
      entries: [{ user: { name: 'jane.doe' } }],
      ignored: [{ name: 'service-account-ci', why: 'service-account' }],
    });
  });

  it('may be in several files of one realm, with its settings in another', () => {
    const { users: _, ...settings } = { ...realm(), webAuthnPolicyRpId: 'auth.example.com' };
    const files = [
      exportOf('acme-users-0.json', realm({ ...JANE, credentials: [passkey()] })),
      exportOf('acme-users-1.json', realm({ username: 'bob' })),
      exportOf('acme-realm.json', settings),
    ];
    const { entries } = readAll(keycloak, files);
    expect(entries.map(({ user }) => user.name)).toEqual(['jane.doe', 'bob']);
    expect(entries[0]?.factors).toHaveLength(1);
  });

  it.each<[string, object[], string]>([
    [
      'of two realms',
      [realm(JANE), { ...realm(JANE), realm: 'other' }],
      'expected files of one realm',
    ],
    ['with two realms in a file', [[realm(JANE), realm(JANE)]], 'expected one realm, found 2'],
    ['without users', [{ realm: 'acme' }], 'expected a list of users; export them with kc.sh'],
    ['with a user without name', [realm(JANE, { email: 'x' })], 'f0.json users[1].username: '],
    ['with odd groups', [realm({ ...JANE, groups: ['a', 7] })], 'f0.json users[0].groups.1: '],
  ])('are not read from files %s', (_what, contents, message) => {
    const files = contents.map((one, index) => exportOf(`f${index}.json`, one));
    expect(() => readAll(keycloak, files)).toThrow(message);
  });
});
