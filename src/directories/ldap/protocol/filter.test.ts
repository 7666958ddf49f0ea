import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsOf } from './ber.ts';
import {
  encodeFilter,
  equals,
  forEveryLogin,
  isLoginFilter,
  knownFilter,
  parseFilter,
  placeholdersOf,
} from './filter.ts';

/** The filter as text again, from its BER: what a server understands. */
function understood(bytes: Buffer): string {
  const [filter] = elementsOf(bytes, 1);
  if (filter === undefined) throw new Error('nothing');
  const inner = (): string => {
    const parts = elementsOf(filter.content, 100);
    return parts.map((part) => understood(again(part.tag, part.content))).join('');
  };
  const [name, value] = filter.tag === 0x87 ? [] : elementsOf(filter.content, 100);
  const pair = (sign: string): string =>
    `(${String(name?.content)}${sign}${JSON.stringify(String(value?.content))})`;
  switch (filter.tag) {
    case 0xa0:
      return `(&${inner()})`;
    case 0xa1:
      return `(|${inner()})`;
    case 0xa2:
      return `(!${inner()})`;
    case 0xa3:
      return pair('=');
    case 0x87:
      return `(${String(filter.content)}=*)`;
    default:
      return `(#${filter.tag.toString(16)})`;
  }
}

function again(tag: number, content: Buffer): Buffer {
  const size = content.length;
  return Buffer.concat([Buffer.from([tag, 0x84, 0, 0, size >> 8, size & 255]), content]);
}

const LOGIN = '(&(objectClass=person)(|(uid={login})(upn={login}@corp)))';

describe('a filter', () => {
  it.each([
    '(uid=ann)',
    '(&(a=1)(b=2))',
    '(|(a=1)(!(b=2)))',
    '(cn=*)',
    '(cn=a*b*c)',
    '(age>=3)',
    '(member:1.2.840.113556.1.4.1941:={dn})',
    '(userAccountControl:1.2.840.113556.1.4.803:=2)',
    '(:dn:2.5.13.5:=x)',
    '(cn=\\28x\\29)',
    '(cn=)',
  ])('%s is read', (text) => {
    expect(parseFilter(text)).not.toBeNull();
  });

  it.each([
    '',
    'uid=ann',
    '(uid=ann',
    '(uid=ann))',
    '(uid=ann)(uid=bob)',
    '()',
    '(&)',
    '(!(a=1)(b=2))',
    '(uid)',
    '(=ann)',
    '(uid=(x))',
    '(uid=\\2)',
    '(uid=\\zz)',
    '(uid={name})',
    '(a>=1*2)',
    '(:=x)',
    `${'(!'.repeat(40)}(a=1)${')'.repeat(40)}`,
  ])('%j is refused', (text) => {
    expect(parseFilter(text)).toBeNull();
  });

  it('is written as RFC 4511 requires', () => {
    const bytes = encodeFilter(knownFilter('(&(cn=B*a*s)(a:dn:2.4:=x))'), {});
    expect(bytes.toString('hex')).toBe(
      'a021a40f0402636e3009800142810161820173a90e8103322e348201618301788401ff',
    );
  });

  it.each([
    '*',
    'ann*',
    ')(uid=*',
    '*)(objectClass=*',
    'ann)(|(uid=*',
    '\\2a',
    '\0',
    'ann\0)',
    '{dn}',
    '(&)',
    'ａｎｎ',
    'x'.repeat(254),
  ])('means the same with the login %j', (login) => {
    const quoted = JSON.stringify(login);
    expect(understood(encodeFilter(knownFilter(LOGIN), { login }))).toBe(
      `(&(objectClass="person")(|(uid=${quoted})(upn=${JSON.stringify(`${login}@corp`)})))`,
    );
  });

  it('means the same with any values', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const login = value.toWellFormed();
        expect(
          understood(encodeFilter(knownFilter('(|(uid={login})(m={dn}))'), { login, dn: login })),
        ).toBe(`(|(uid=${JSON.stringify(login)})(m=${JSON.stringify(login)}))`);
      }),
    );
  });

  it('for all logins requires the attributes only', () => {
    expect(understood(encodeFilter(forEveryLogin(knownFilter(LOGIN)), {}))).toBe(
      '(&(objectClass="person")(|(uid=*)(upn=*)))',
    );
  });

  it.each([
    ['(uid={login})', true],
    [LOGIN, true],
    ['(uid=ann)', false],
    ['(uid={login}*)', false],
    ['(|(uid={login})(cn=*{login}*))', false],
    ['(uid:1.2:={login})', false],
    ['(uid>={login})', false],
  ])('%s can find users by login: %s', (text, expected) => {
    expect(isLoginFilter(knownFilter(text))).toBe(expected);
  });

  it('names its placeholders, and compares bytes as they are', () => {
    expect([...placeholdersOf(knownFilter('(|(a={login})(b=x{dn}*))'))]).toEqual(['login', 'dn']);
    const bytes = Buffer.from([0, 0x80, 0xff, 0x2a]);
    expect(encodeFilter(equals('objectGUID', bytes), {}).includes(bytes)).toBe(true);
    expect(encodeFilter(knownFilter('(a=\\00\\80\\ff\\2a)'), {}).includes(bytes)).toBe(true);
  });
});
