import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aUser } from '../../../test/support/policy-input.ts';
import type { IdentityHeader } from '../people/identity.ts';
import {
  COMMAS,
  foldHeader,
  identitySource,
  identityValues,
  isReserved,
  reservedNames,
} from './identity.ts';

const source = (path: string) => {
  const read = identitySource(path);
  if (read === null) throw new Error(`${path} is no source`);
  return read;
};
const header = (name: string, path: string): IdentityHeader => ({ name, value: source(path) });
const identity = {
  headers: [
    header('Remote-User', 'user.name'),
    header('Remote-Groups', 'user.groups'),
    header('X-Forwarded-Email', 'user.email'),
  ],
  assertions: ['X-Doorward-Jwt'],
};
const reserved = reservedNames([identity]);
const NAMES = ['Remote-User', 'Remote-Groups', 'X-Forwarded-Email', 'X-Doorward-Jwt'];

/** A spelling that CGI, WSGI, PHP, Rack or a careless proxy would read as the same name. */
const spelling = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.array(fc.tuple(fc.boolean(), fc.constantFrom('-', '_', '.', '')), {
      minLength: 32,
      maxLength: 32,
    }),
    fc.constantFrom('', 'HTTP_', 'http-'),
  )
  .map(([name, choices, head]) => {
    const letters = name.split('').map((letter, i) => {
      const [upper, dash] = choices[i] ?? [false, '-'];
      if (letter === '-') return dash;
      return upper ? letter.toUpperCase() : letter.toLowerCase();
    });
    return head + letters.join('');
  });

describe('an address that was never verified', () => {
  const claimed = aUser({ email: 'ceo@corp.test', emailVerified: false });

  it('ENROL-mail: is not sent to apps, and the header for it says that it is not verified', () => {
    expect(source('user.email')(claimed)).toBe('');
    expect(source('user.email_verified')(claimed)).toBe('false');
    expect(source('user.email')(aUser())).toBe('ann@example.com');
    expect(source('user.email_verified')(aUser())).toBe('true');
  });

  it('ENROL-mail: is sent if the operator allows it', () => {
    expect(identitySource('user.email', { unverifiedEmail: true, list: COMMAS })?.(claimed)).toBe(
      'ceo@corp.test',
    );
    expect(
      identitySource('user.email_verified', { unverifiedEmail: true, list: COMMAS })?.(claimed),
    ).toBe('false');
  });
});

describe('identity headers', () => {
  it('are reserved in every spelling', () => {
    fc.assert(
      fc.property(spelling, (name) => {
        expect(isReserved(reserved, name)).toBe(true);
      }),
    );
  });

  it.each(['Remote', 'Remote-User-Agent', 'User', 'X-Remote-User', 'Accept', 'RemoteUserx', ''])(
    'leave %j to the client',
    (name) => {
      expect(isReserved(reserved, name)).toBe(false);
    },
  );

  it('contain the values of the user, and are empty without a user', () => {
    expect(identityValues(identity, aUser({ groups: ['a', 'b'] }))).toEqual([
      'Remote-User',
      'ann',
      'Remote-Groups',
      'a,b',
      'X-Forwarded-Email',
      'ann@example.com',
    ]);
    expect(identityValues(identity, null)).toEqual([
      'Remote-User',
      '',
      'Remote-Groups',
      '',
      'X-Forwarded-Email',
      '',
    ]);
  });

  it('never contain a line break or a character beyond latin-1, whatever a directory contains', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('a\r\nB: c', 'é', '山'),
    );
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 4 }), (name, groups) => {
        const user = aUser({ name, groups, email: name, attributes: { a: name, b: groups } });
        const values = identityValues(identity, user);
        for (const path of [
          'user.id',
          'user.display_name',
          'user.attributes.a',
          'user.attributes.b',
        ]) {
          values.push(source(path)(user));
        }
        for (const value of values) expect(value).toMatch(/^[\x20-\x7e\x80-\xff]*$/);
      }),
    );
  });

  it.each([
    ['blanks at the ends', ' Ann B ', 'Ann B'],
    ['blanks at the ends of UTF-8', ' \u00e9 ', '\u00c3\u00a9'],
    ['a tilde', '~', '~'],
    ['4,096 bytes', 'a'.repeat(4096), 'a'.repeat(4096)],
    ['4,097 bytes', 'a'.repeat(4097), ''],
    ['4,098 bytes of UTF-8', '\u00e9'.repeat(2049), ''],
    ['a line break', 'a\nb', ''],
    ['a tab', 'a\tb', ''],
    ['a NUL', '\u0000', ''],
    ['a unit separator', 'a\u001f', ''],
    ['a delete', 'a\u007f', ''],
    ['a control character after UTF-8', '\u00e9\u0000', ''],
  ])('write a name with %s (%j) as %j', (_, name, expected) => {
    expect(source('user.name')(aUser({ name }))).toBe(expected);
  });

  it('are indexed by name, each name once, with those of assertions', () => {
    const more = { headers: [header('remote-user', 'user.id')], assertions: ['X-Other-Jwt'] };
    const both = reservedNames([identity, more, identity]);
    expect(both.names).toEqual([...NAMES, 'X-Other-Jwt']);
    expect([...both.lower]).toEqual([...NAMES, 'X-Other-Jwt'].map((name) => name.toLowerCase()));
    expect([...both.folded]).toEqual([
      'remoteuser',
      'remotegroups',
      'xforwardedemail',
      'xdoorwardjwt',
      'xotherjwt',
    ]);
  });

  it('lose a leading HTTP only, as CGI adds it', () => {
    expect(foldHeader('HTTP_X_HTTP_METHOD')).toBe('xhttpmethod');
    expect(foldHeader('X-HTTP-Method')).toBe('xhttpmethod');
  });

  it('read attributes with names of up to 64 characters', () => {
    const [longest, longer] = ['a'.repeat(64), 'a'.repeat(65)];
    expect(source(`user.attributes.${longest}`)(aUser({ attributes: { [longest]: 'x' } }))).toBe(
      'x',
    );
    expect(identitySource(`user.attributes.${longer}`)).toBeNull();
  });

  it.each([
    ['user.id', 'embedded/u1'],
    ['user.name', 'ann'],
    ['user.display_name', 'Ann Example'],
    ['user.email', 'ann@example.com'],
    ['user.groups', 'staff'],
    ['user.attributes.department', 'legal'],
  ])('contain for %s: %s', (path, expected) => {
    expect(source(path)(aUser())).toBe(expected);
  });

  it('are UTF-8 on the wire', () => {
    const value = source('user.name')(aUser({ name: 'Jürgen 山' }));
    expect(Buffer.from(value, 'latin1').toString('utf8')).toBe('Jürgen 山');
  });

  it('never split a group in two', () => {
    const group = fc.string({
      unit: fc.constantFrom('a', ',', '%', '2', 'C', ' '),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.array(
          group.filter((g) => g.trim() === g),
          { minLength: 1, maxLength: 4 },
        ),
        (groups) => {
          const value = source('user.groups')(aUser({ groups }));
          expect(value.split(',').map((g) => decodeURIComponent(g))).toEqual(groups);
        },
      ),
    );
  });

  it.each([
    ['text', 'legal', 'legal'],
    ['a number', 7, '7'],
    ['true', true, 'true'],
    ['a list', ['a', 1, 'b,c'], 'a,1,b%2Cc'],
    ['null', null, ''],
    ['an object', { a: 1 }, ''],
    ['a list with null and an object', ['a', null, { b: 1 }, 'c'], 'a,,,c'],
  ])('contain an attribute that is %s', (_, value, expected) => {
    expect(source('user.attributes.x')(aUser({ attributes: { x: value } }))).toBe(expected);
  });

  it('contain no attribute that only the language defines', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'absent']) {
      expect(source(`user.attributes.${name}`)(aUser())).toBe('');
    }
  });

  it.each([
    '',
    'user',
    'user.password',
    'user.attributes.',
    'user.attributes.a.b',
    'user.attributes.a b',
    'xuser.attributes.a',
    'session.id',
  ])('cannot be read from %j', (path) => {
    expect(identitySource(path)).toBeNull();
  });
});
