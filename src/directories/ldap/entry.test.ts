import { describe, expect, it } from 'vitest';
import { asProblem } from '../../core/values/problem.ts';
import { attributesOf, groupName, idOf, idValue, userOf } from './entry.ts';
import { ldapOptions } from './options.ts';
import type { Entry } from './protocol/messages.ts';
import { fileTime, timeOf } from './times.ts';

const NOW = Date.UTC(2026, 10, 23);
const NONE = { groups: [], isDisabled: false };
const UUID = '12345678-9abc-def0-1122-334455667788';
const GUID = Buffer.from('78563412bc9af0de1122334455667788', 'hex');

const options = (more: object = {}) =>
  ldapOptions.parse({ preset: 'freeipa', url: 'ldaps://ldap', base: 'dc=x', ...more });
const entry = (
  attributes: Readonly<Record<string, string | Buffer | readonly string[]>>,
): Entry => ({
  dn: 'uid=ann,dc=x',
  attributes: new Map(
    Object.entries(attributes).map(([name, value]) => [
      name.toLowerCase(),
      (typeof value === 'string' || Buffer.isBuffer(value) ? [value] : value).map((one) =>
        Buffer.from(one),
      ),
    ]),
  ),
});
const group = (dn: string, cn: readonly string[]) => ({ ...entry({ cn }), dn });
const ann = (more: Parameters<typeof entry>[0] = {}) =>
  entry({ uid: 'ann', ipaUniqueID: UUID, cn: 'Ann Example', ...more });
const user = (found: Entry, more: object = {}) => userOf(found, NONE, options(more), NOW);
const faultOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (caught) {
    return `${asProblem(caught).status} ${asProblem(caught).message}`;
  }
};

describe('an entry', () => {
  it('is a user', () => {
    const found = ann({ mail: 'ann@x.org', krbLastPwdChange: '20261101080000Z', ou: ['a', 'b'] });
    expect(user(found, { attributes: { units: 'ou', phone: 'telephoneNumber' } })).toEqual({
      id: `ldap/${UUID}`,
      name: 'ann',
      displayName: 'Ann Example',
      email: 'ann@x.org',
      emailVerified: true,
      groups: [],
      attributes: { units: ['a', 'b'] },
      disabled: false,
      passwordSetAt: Date.UTC(2026, 10, 1, 8),
    });
  });

  it.each([
    ['no username', { uid: [] }],
    ['two usernames', { uid: ['ann', 'admin'] }],
    ['a username with a line break', { uid: 'ann\nRemote-User: admin' }],
    ['a username that looks like another one', { uid: 'ａｎｎ' }],
    ['a username with spaces around it', { uid: ' ann' }],
    ['a long username', { uid: 'x'.repeat(255) }],
    ['no id', { ipaUniqueID: [] }],
    ['two ids', { ipaUniqueID: [UUID, '2'] }],
    ['an id with a slash', { ipaUniqueID: 'a/b' }],
    ['a long id', { ipaUniqueID: 'x'.repeat(129) }],
  ])('with %s is a fault', (_, more) => {
    expect(faultOf(() => user(ann(more)))).toMatch(
      /^503 The directory ldap has an entry .*uid=ann/,
    );
  });

  it.each([
    ['no address', [], ''],
    ['two addresses', ['a@x.org', 'b@x.org'], 'a@x.org'],
    ['an address with a line break', ['a@x.org\nBcc: b@x.org'], ''],
    ['two addresses in one', ['a@b@x.org'], ''],
  ])('with %s has at most one', (_, mail, email) => {
    expect(user(ann({ mail }))).toMatchObject({ email, emailVerified: email !== '' });
  });

  it('shows the username if the display name cannot be shown', () => {
    expect(user(ann({ cn: 'a\u0000b' })).displayName).toBe('ann');
    expect(user(ann({ cn: [] })).displayName).toBe('ann');
  });

  it('has the groups below the base of groups, and no others', () => {
    const memberOf = [
      'cn=staff,cn=groups,dc=x',
      'CN=R\\c3\\a4te,CN=Groups,DC=X',
      'cn=admins,cn=roles,dc=x',
      'cn=admins,ou=cn\\=groups\\,dc\\=x',
      'cn=groups,dc=x',
      'cn=staff,cn=sub,cn=groups,dc=x',
    ];
    expect(user(ann({ memberOf })).groups).toEqual(['staff', 'Räte']);
  });

  it.each([
    [
      'more groups than allowed',
      { memberOf: Array.from({ length: 1001 }, (_, n) => `cn=${n},cn=groups,dc=x`) },
    ],
    ['groups that the server returns in parts', { 'memberOf;range=0-1499': 'cn=a,cn=groups,dc=x' }],
  ])('with %s is a fault, since a rule may deny one of them', (_, more) => {
    expect(faultOf(() => user(ann(more)))).toContain('more than 1000 groups');
  });

  it.each(['cn=a+ou=b,cn=groups,dc=x', 'no name', 'cn=#0401,cn=groups,dc=x', ''])(
    'with the group %j is a fault, since a rule may deny it',
    (memberOf) => {
      const found = ann({ memberOf: ['cn=staff,cn=groups,dc=x', memberOf] });
      expect(faultOf(() => user(found))).toContain('memberOf has a name that cannot be read');
    },
  );

  it('with more than 16 KiB of attributes is a fault', () => {
    const found = ann({ description: 'x'.repeat(20_000) });
    expect(faultOf(() => user(found, { attributes: { about: 'description' } }))).toContain('16384');
  });

  it.each([
    ['ns_account_lock', { nsAccountLock: 'TRUE' }, true],
    ['ns_account_lock', { nsAccountLock: 'false' }, false],
    ['ns_account_lock', {}, false],
    ['user_account_control', { userAccountControl: '512' }, false],
    ['user_account_control', { userAccountControl: '514' }, true],
    ['user_account_control', { userAccountControl: '66050' }, true],
    ['user_account_control', {}, true],
    ['user_account_control', { userAccountControl: 'x' }, true],
    ['user_account_control', { userAccountControl: '512', accountExpires: '0' }, false],
    [
      'user_account_control',
      { userAccountControl: '512', accountExpires: '9223372036854775807' },
      false,
    ],
    [
      'user_account_control',
      { userAccountControl: '512', accountExpires: '132539328000000000' },
      true,
    ],
    ['never', { userAccountControl: '514', nsAccountLock: 'TRUE' }, false],
  ])('by %s with %j is disabled: %s', (disabled, more, expected) => {
    expect(user(ann(more), { disabled }).disabled).toBe(expected);
  });

  it('of Active Directory has the id that its tools show', () => {
    const directory = options({ preset: 'active_directory' });
    expect(idOf(entry({ objectGUID: GUID }), directory)).toBe(UUID);
    expect(idValue(UUID, directory)).toEqual(GUID);
    expect(idValue(UUID.toUpperCase(), directory)).toBeNull();
    expect(faultOf(() => idOf(entry({ objectGUID: GUID.subarray(1) }), directory))).toMatch(/^503/);
  });

  it('that is a group has one name, or the one in its DN', () => {
    expect(groupName(group('cn=a,dc=x', ['b']), 'cn', options())).toBe('b');
    expect(groupName(group('cn=a,dc=x', ['admins', 'a']), 'cn', options())).toBe('a');
    expect(faultOf(() => groupName(group('ou=a,dc=x', ['a', 'b']), 'cn', options()))).toMatch(
      /^503/,
    );
    expect(faultOf(() => groupName(group('ou=a,dc=x', []), 'cn', options()))).toMatch(/^503/);
  });

  it('is requested with the attributes that are needed, and no others', () => {
    const needed = attributesOf(options({ attributes: { units: 'ou', mail: 'mail' } }));
    expect([...needed].sort()).toEqual(
      [
        'ipaUniqueID',
        'uid',
        'cn',
        'mail',
        'krbLastPwdChange',
        'ou',
        'nsAccountLock',
        'memberOf',
      ].sort(),
    );
  });
});

describe('times', () => {
  it.each([
    ['20261123080910Z', Date.UTC(2026, 10, 23, 8, 9, 10)],
    ['20261123080910.123456Z', Date.UTC(2026, 10, 23, 8, 9, 10)],
    ['20261323080910Z', null],
    ['20261123080910+0100', null],
    ['132539328000000000', Date.UTC(2021, 0, 1)],
    ['0', null],
    ['9223372036854775807', null],
    ['99999999999999999999', null],
    ['', null],
    ['yesterday', null],
  ])('%s is %s', (text, expected) => {
    expect(timeOf(text)).toBe(expected);
  });

  it('of Microsoft begin in 1601', () => {
    expect(fileTime('116444736000000000')).toBe(0);
  });
});
