import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createPasswords } from '../../passwords/passwords.ts';
import { parseUsersFile } from './users-file.ts';

const isHash = (text: string) => text.startsWith('$argon2id$');
const parse = (text: string) => parseUsersFile(text, 'file', isHash);

/** Contents that occur in Authelia's documentation and releases. */
const AUTHELIA = `---
###############################################################
#                         Users Database                      #
###############################################################
users:
  authelia:
    disabled: false
    displayname: 'Test User'
    password: '$argon2id$v=19$m=65536,t=3,p=4$BpLnfgDsc2WD8F2q$o/vzA4myCqZZ36bUGsDY//8mKUYNZZaR0t4MFFSs+iM'
    email: 'authelia@authelia.com'
    groups:
      - 'admins'
      - 'dev'
    given_name: "Test"
    middle_name: ''
    family_name: "User"
    nickname: ''
    gender: 'other'
    birthdate: '1999-01-01'
    website: ''
    profile: ''
    picture: ''
    zoneinfo: 'Europe/Berlin'
    locale: 'en-US'
    phone_number: '+1234567890'
    phone_extension: 12
    address:
      street_address: '1 Some Street'
      locality: 'Berlin'
      region: ''
      postal_code: 10115
      country: 'DE'
    extra:
      badge: 42
  harry:
    displayname: "Harry Potter"
    password: "$argon2id$v=19$m=65536,t=3,p=4$BpLnfgDsc2WD8F2q$o/vzA4myCqZZ36bUGsDY//8mKUYNZZaR0t4MFFSs+iM"
    email: harry.potter@authelia.com
    groups: []
...
`;

describe('a users file', () => {
  it('of Authelia works unchanged', () => {
    const file = parse(AUTHELIA);
    expect(file).toMatchObject({ ok: true });
    const people = file.ok ? [...file.users.values()].map((p) => p.user) : [];
    expect(people[0]).toMatchObject({
      id: 'file/authelia',
      name: 'authelia',
      displayName: 'Test User',
      email: 'authelia@authelia.com',
      groups: ['admins', 'dev'],
      disabled: false,
      attributes: {
        given_name: 'Test',
        zoneinfo: 'Europe/Berlin',
        phone_extension: '12',
        address: { street_address: '1 Some Street', postal_code: '10115' },
        badge: 42,
      },
    });
    expect(people[1]).toMatchObject({ name: 'harry', groups: [], attributes: {} });
  });

  it('of the documentation works', () => {
    const docs = readFileSync(new URL('../../../docs/directories.md', import.meta.url), 'utf8');
    const files = [...docs.matchAll(/^```yaml users\n([^]*?)^```$/gm)].map((m) => m[1] ?? '');
    const passwords = createPasswords();
    const read = files.map((text) =>
      parseUsersFile(text, 'file', (hash) => passwords.isHash(hash)),
    );
    expect(read).toMatchObject([{ ok: true }]);
  });

  it('may have attributes of ours and leave nearly everything out', () => {
    const file = parse(
      'users:\n  Ann:\n    password: $argon2id$x\n    groups:\n    attributes: { department: legal, tags: [a, 1] }\n',
    );
    expect(file.ok && file.users.get('ann')?.user).toEqual({
      id: 'file/ann',
      name: 'Ann',
      displayName: 'Ann',
      email: '',
      emailVerified: false,
      groups: [],
      attributes: { department: 'legal', tags: ['a', 1] },
      disabled: false,
      passwordSetAt: null,
    });
  });

  it.each([
    ['2026-11-01', '2026-11-01T00:00:00Z'],
    ['2026-11-01T10:30:00Z', '2026-11-01T10:30:00Z'],
    ['"2026-11-01T10:30:00+02:00"', '2026-11-01T08:30:00Z'],
  ])('may give the time of a password: %s', (written, time) => {
    const file = parse(`users:\n  ann: { password: $argon2id$x, password_changed: ${written} }`);
    expect(file.ok && file.users.get('ann')?.user.passwordSetAt).toBe(Date.parse(time));
  });

  it.each(['yesterday', '2026-13-01', '1790000000', '"2026-11-01T10:30"', 'true'])(
    'accepts no %s as a date',
    (written) => {
      const file = parse(`users:\n  ann: { password: $argon2id$x, password_changed: ${written} }`);
      expect(!file.ok && file.faults).toEqual([
        expect.objectContaining({
          path: 'users.ann.password_changed',
          message: expect.stringContaining('expected a date such as 2026-11-23'),
        }),
      ]);
    },
  );

  it('reports all faults at once, each with its line', () => {
    const file = parse(`users:
  ann:
    displayname: Ann
    email: ann
    password: hunter2
    disable: true
  bob:
    password: $argon2id$x
    groups: staff
  BOB:
    password: $argon2id$x
    disabled: 'no'
  'a/b':
    password: $argon2id$x
  carol: nothing
extra: 1
`);
    const faults = file.ok ? [] : file.faults.map((f) => `${f.line}:${f.column} ${f.path}`);
    expect(faults.sort()).toEqual(
      [
        '16:1 extra',
        '4:5 users.ann.email',
        '5:5 users.ann.password',
        '6:5 users.ann.disable',
        '9:5 users.bob.groups',
        '12:5 users.BOB.disabled',
        '13:3 users.a/b',
        '15:10 users.carol',
      ].sort(),
    );
    expect(JSON.stringify(file)).not.toContain('hunter2');
  });

  it('does not allow two names for one user', () => {
    const file = parse(
      'users:\n  ann: { password: $argon2id$x }\n  ANN: { password: $argon2id$x }\n',
    );
    expect(file).toMatchObject({ ok: false, faults: [{ line: 3, path: 'users.ANN' }] });
  });

  it('does not allow an attribute twice', () => {
    const file = parse(
      'users:\n  ann: { password: $argon2id$x, nickname: a, attributes: { nickname: b } }\n',
    );
    expect(file).toMatchObject({ ok: false, faults: [{ line: 2 }] });
  });

  it.each([
    ['nothing', ''],
    ['a list', '- a\n- b\n'],
    ['no users', 'people: {}\n'],
    ['users that are a list', 'users: [ann]\n'],
    ['broken YAML', 'users:\n  ann: {\n'],
    ['two documents of keys', 'users: {}\nusers: {}\n'],
    ['a name of control characters', 'users:\n  "a\\u0000b": { password: $argon2id$x }\n'],
    ['a map as a name', 'users:\n  ? { a: b }\n  : { password: $argon2id$x }\n'],
    ['more than a mebibyte', `users: {}\n#${'x'.repeat(1024 * 1024)}`],
    ['brackets without end', `users: ${'['.repeat(200_000)}`],
    ['nests without end', `users: ${'{a: '.repeat(50_000)}1${'}'.repeat(50_000)}`],
    [
      'a billion laughs',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `${String.fromCharCode(98 + i)}: &${String.fromCharCode(98 + i)} [${`*${String.fromCharCode(97 + i)},`.repeat(9)}x]`).join('\n')}\nusers: { ann: { password: $argon2id$x, groups: *m } }\n`,
    ],
    [
      'a control character in a group',
      'users:\n  ann: { password: $argon2id$x, groups: ["a\\nb"] }\n',
    ],
    [
      'attributes of 20 KiB',
      `users:\n  ann: { password: $argon2id$x, attributes: { a: ${'b'.repeat(20_000)} } }\n`,
    ],
  ])('that is %s is refused', (_, text) => {
    const file = parse(text);
    expect(file.ok).toBe(false);
    expect(file.ok ? [] : file.faults.length).not.toBe(0);
  });

  it('may have no users', () => {
    expect(parse('users: {}\n')).toMatchObject({ ok: true });
  });

  it('gives names from JavaScript no special meaning', () => {
    const file = parse(
      'users:\n  __proto__: { password: $argon2id$x, disabled: true }\n  constructor: { password: $argon2id$x }\n',
    );
    expect(file.ok && [...file.users.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as { disabled?: boolean }).disabled).toBeUndefined();
  });

  it('may give a user an id that outlasts the name', () => {
    const file = parse(
      'users: { Ann: { id: a-1, password: $argon2id$x }, bob: { password: $argon2id$x } }',
    );
    const people = file.ok ? [...file.users.values()] : [];
    expect(people.map(({ user, hasId }) => [user.name, user.id, hasId])).toEqual([
      ['Ann', 'file/a-1', true],
      ['bob', 'file/bob', false],
    ]);
  });

  it.each([
    ['id: Ann', 'expected 1 to 64'],
    ['id: a/b', 'expected 1 to 64'],
    ['id: 7', 'expected string'],
    ['id: bob', 'another user has this id'],
  ])('refuses %s', (given, words) => {
    const file = parse(`users:
  bob: { password: $argon2id$x }
  ann: { ${given}, password: $argon2id$x }
`);
    expect(file.ok ? [] : file.faults).toMatchObject([{ line: 3 }]);
    expect(file.ok ? '' : file.faults[0]?.message).toContain(words);
  });
});
