import { TOTP } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { exportOf, readAll, textFile, verify } from '../../../test/support/exports.ts';
import { authentik } from './importer.ts';

const STAFF = '3f2e6a3e-8b0e-4a1c-9d66-3c2f2b0f4a10';
const ALL = 'b7e8d1aa-6a55-4a9b-8a6e-111111111111';

/** `ak dumpdata`, as Django writes it. */
const row = (model: string, pk: string | number, fields: object) => ({ model, pk, fields });
const user = (pk: number, username: string, fields: object = {}) =>
  row('authentik_core.user', pk, {
    // Django’s own vector for this password.
    password: 'pbkdf2_sha256$720000$seasalt$eDupbcisD1UuIiou3hMuMu8oe/XwnpDw45r6AA5iv0E=',
    last_login: null,
    username,
    first_name: '',
    last_name: '',
    email: `${username}@example.com`,
    is_active: true,
    date_joined: '2024-03-01T10:00:00Z',
    uuid: '0a6f6a26-a3d7-4c0c-9d8f-8c7b5f6c1e2d',
    name: `${username} of Example`,
    path: 'users',
    type: 'internal',
    password_change_date: '2024-03-02T11:00:00Z',
    attributes: { department: 'legal', 'goauthentik.io/user/token-expires': true },
    ak_groups: [STAFF],
    ...fields,
  });
const GROUPS = [
  row('authentik_core.group', STAFF, {
    name: 'staff',
    is_superuser: false,
    parent: ALL,
    roles: [],
  }),
  row('authentik_core.group', ALL, { name: 'everyone', is_superuser: false, parent: null }),
];
const totp = (fields: object = {}) =>
  row('authentik_stages_authenticator_totp.totpdevice', 3, {
    created: '2024-04-01T00:00:00Z',
    last_updated: '2024-04-01T00:00:00Z',
    name: 'TOTP Authenticator',
    confirmed: true,
    last_used: '2024-05-01T00:00:00Z',
    user: 5,
    throttling_failure_timestamp: null,
    throttling_failure_count: 0,
    key: '3132333435363738393031323334353637383930',
    step: 30,
    t0: 0,
    digits: 6,
    tolerance: 1,
    drift: 0,
    last_t: 57_000_000,
    ...fields,
  });
const passkey = (fields: object = {}) =>
  row(
    'authentik_stages_authenticator_webauthn.webauthndevice',
    'c0ffee00-0000-4000-8000-000000000000',
    {
      name: 'YubiKey',
      confirmed: true,
      user: 5,
      credential_id: 'AQID-_8',
      public_key: 'pQECAyYgASFYIA',
      sign_count: 3,
      rp_id: 'auth.example.com',
      created_on: '2024-04-01T00:00:00Z',
      last_t: '2024-05-01T00:00:00Z',
      aaguid: '00000000-0000-0000-0000-000000000000',
      ...fields,
    },
  );

const parent = (child: string, above: string) =>
  row('authentik_core.groupparentagenode', `${child}-${above}`, { child, parent: above });

const read = (...rows: object[]) => readAll(authentik, [exportOf('users.json', rows)]);

describe('users of authentik', () => {
  it('keep names, groups with those above them, attributes and the age of the password', async () => {
    const [entry] = read(...GROUPS, user(5, 'ann')).entries;
    expect(entry).toMatchObject({
      user: {
        name: 'ann',
        displayName: 'ann of Example',
        email: 'ann@example.com',
        emailVerified: false,
        groups: ['staff', 'everyone'],
        attributes: { department: 'legal' },
        disabled: false,
        passwordSetAt: Date.parse('2024-03-02T11:00:00Z'),
      },
      left: ['email/unverified'],
    });
    expect(entry?.user.attributes).toEqual({ department: 'legal' });
    expect(await verify(entry?.passwordHash, 'lètmein')).toBe('right');
    expect(await verify(entry?.passwordHash, 'letmein')).toBe('wrong');
  });

  it('of newer releases have groups with several parents', () => {
    const groups = ['a', 'b', 'c', 'd'].map((pk) =>
      row('authentik_core.group', pk, { name: `group-${pk}`, is_superuser: false, roles: [] }),
    );
    const circle = [parent('a', 'b'), parent('a', 'c'), parent('b', 'd'), parent('d', 'a')];
    const ann = user(5, 'ann', { ak_groups: undefined, groups: ['a', 'gone'] });
    const [entry] = read(ann, ...circle, ...groups).entries;
    expect(entry?.user.groups).toEqual(['group-a', 'group-b', 'group-c', 'group-d']);
  });

  it('stay disabled, and are so if the export does not say', () => {
    const { entries } = read(
      user(1, 'off', { is_active: false }),
      user(2, 'odd', { is_active: undefined }),
    );
    expect(entries.map((one) => one.user.disabled)).toEqual([true, true]);
  });

  it('have a verified address only if addresses are trusted', () => {
    const file = exportOf('users.json', [user(5, 'ann')]);
    const [entry] = readAll(authentik, [file], { trustsEmail: true }).entries;
    expect(entry).toMatchObject({ user: { emailVerified: true }, left: [] });
  });

  it.each([
    ['!unusable', []],
    ['', []],
    ['scrypt$16384$salt$8$1$aGFzaA==', ['password/kind']],
    ['pbkdf2_sha256$999999999$salt$aGFzaA==', ['password/kind']],
  ])('may have no password: %s', (password, left) => {
    const [entry] = read(user(5, 'ann', { password, email: '' })).entries;
    expect(entry).toMatchObject({ passwordHash: null, user: { passwordSetAt: null }, left });
  });

  it('keep confirmed authenticator apps', () => {
    const [entry] = read(user(5, 'ann'), totp(), totp({ confirmed: false })).entries;
    expect(entry?.factors).toEqual([
      {
        kind: 'totp',
        name: 'TOTP Authenticator',
        createdAt: Date.parse('2024-04-01T00:00:00Z'),
        lastUsedAt: Date.parse('2024-05-01T00:00:00Z'),
        handle: '',
        data: {
          secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
          digits: 6,
          period: 30,
          algorithm: 'SHA1',
        },
      },
    ]);
    // RFC 6238, appendix B: 94287082 at 59 seconds, of which six digits are shown.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(entry?.factors?.[0]?.data).toMatchObject({ secret });
    expect(new TOTP({ secret, digits: 6 }).generate({ timestamp: 59_000 })).toBe('287082');
  });

  it('keep passkeys of the portal’s host', () => {
    const { entries } = read(
      user(5, 'ann'),
      user(6, 'bob'),
      passkey(),
      passkey({ user: 6, rp_id: 'sso.other.test', credential_id: 'AQID' }),
    );
    expect(entries[0]?.factors).toMatchObject([
      {
        kind: 'webauthn',
        handle: 'AQID-_8',
        data: { rpId: 'auth.example.com', counter: 3, userHandle: null },
      },
    ]);
    expect(entries[1]).toMatchObject({ factors: [], left: ['email/unverified', 'passkey/host'] });
  });

  it('report codes and factors that Doorward does not have', () => {
    const device = (kind: string, name = kind) =>
      row(`authentik_stages_authenticator_${kind}.${name}device`, 1, { user: 5, confirmed: true });
    const { entries } = read(
      user(5, 'ann', { email: '' }),
      device('static'),
      device('duo'),
      device('sms'),
      totp({ t0: 7 }),
      totp({ key: 'xyz' }),
      row('authentik_stages_authenticator_static.statictoken', 1, { device: 1, token: 'secret' }),
      row('authentik_stages_authenticator_totp.authenticatortotpstage', 'x', { digits: 6 }),
    );
    expect(entries[0]?.left).toEqual([
      'recovery-codes',
      'other-factor',
      'other-factor',
      'totp/kind',
      'totp/kind',
    ]);
  });

  it('are no service accounts, and not the anonymous user', () => {
    const { entries, ignored } = read(
      user(1, 'AnonymousUser'),
      user(2, 'ci', { type: 'service_account' }),
      user(3, 'ak-outpost-1', { type: 'internal_service_account' }),
      user(4, 'akadmin'),
    );
    expect(entries.map((one) => one.user.name)).toEqual(['akadmin']);
    expect(ignored.map(({ name }) => name)).toEqual(['AnonymousUser', 'ci', 'ak-outpost-1']);
  });

  it.each([
    ['a page of the API', exportOf('api.json', { pagination: {}, results: [{ username: 'ann' }] })],
    [
      'a blueprint',
      textFile('export.yaml', 'version: 1\nentries:\n- model: authentik_core.user\n  attrs: {}\n'),
    ],
  ])('are not in %s, which has no passwords', (_what, file) => {
    expect(authentik.recognizes(file)).toBe(true);
    expect(() => readAll(authentik, [file])).toThrow(/no password hashes.*ak dumpdata/);
  });

  it.each<[string, object, string]>([
    ['no name', user(5, ''), '[0] authentik_core.user.fields.username: '],
    ['no password', user(5, 'ann', { password: null }), 'fields.password: '],
    ['a list as attributes', user(5, 'ann', { attributes: [] }), 'fields.attributes: '],
    ['no fields', { model: 'authentik_core.user', pk: 1 }, 'fields: '],
    ['no key', { ...user(5, 'ann'), pk: null }, 'user.pk: '],
  ])('are refused with %s', (_what, one, message) => {
    expect(() => read(one)).toThrow(message);
  });
});
