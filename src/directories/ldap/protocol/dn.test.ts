import { describe, expect, it } from 'vitest';
import { isBelow, parseDn } from './dn.ts';

const valuesOf = (text: string) => parseDn(text)?.map(({ key, value }) => `${key}=${value}`);

describe('a distinguished name', () => {
  it.each([
    ['CN=Staff,OU=Groups,DC=x', ['cn=Staff', 'ou=Groups', 'dc=x']],
    ['cn = Staff , dc=x', ['cn=Staff', 'dc=x']],
    ['cn=a\\,b,dc=x', ['cn=a,b', 'dc=x']],
    ['cn=a\\2cb,dc=x', ['cn=a,b', 'dc=x']],
    ['cn=J\\c3\\bcrgen\\+x', ['cn=Jürgen+x']],
    ['cn=ends\\ ,dc=x', ['cn=ends ', 'dc=x']],
    ['cn=\\\\,dc=x', ['cn=\\', 'dc=x']],
    ['2.5.4.3=a', ['2.5.4.3=a']],
  ])('%s has parts', (text, parts) => {
    expect(valuesOf(text)).toEqual(parts);
  });

  it.each(['', 'cn', '=x', 'cn=', 'cn=a,,dc=x', 'cn=a+ou=b', 'cn=#0401', `cn=${'x'.repeat(9000)}`])(
    '%j is none that can be compared',
    (text) => {
      expect(parseDn(text)).toBeNull();
    },
  );

  it.each([
    ['cn=a,ou=groups,dc=x', 'OU=Groups,DC=X', true],
    ['cn=a,ou=partners,dc=x', 'ou=groups,dc=x', false],
    ['cn=a,ou=xgroups,dc=x', 'ou=groups,dc=x', false],
    ['cn=ou\\=groups\\,dc=x', 'ou=groups,dc=x', false],
    ['dc=x', 'ou=groups,dc=x', false],
  ])('%s is below %s: %s', (name, base, expected) => {
    expect(isBelow(parseDn(name) ?? [], parseDn(base) ?? [])).toBe(expected);
  });
});
