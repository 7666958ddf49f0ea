import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { basicValue, fieldValue, type Template, template } from './field-value.ts';

const OPTIONS = { unverifiedEmail: false };

function compiled(text: string): Template {
  const result = template(text, OPTIONS);
  if ('unknown' in result) throw new Error(result.unknown);
  return result;
}

const ANN = testUser({
  name: 'ann',
  displayName: 'Änn {user.email}',
  email: 'ann@example.com',
  emailVerified: true,
  groups: ['a,b', 'c'],
  attributes: {
    token: 't0k',
    split: 'x\r\nX-Admin: 1',
    nul: 'x\0',
    none: null,
    list: ['p', 'q'],
    colon: 'ann:root',
    nested: '{user.name}${env:HOME}',
  },
});

describe('the value of a field', () => {
  it.each([
    ['fixed', 'fixed'],
    ['{"json": "{user}"}', '{"json": "{user}"}'],
    ['{user.name}', 'ann'],
    ['Bearer {user.attributes.token}', 'Bearer t0k'],
    ['{user.name}={user.groups}', 'ann=a%2Cb,c'],
    ['{user.attributes.list}', 'p,q'],
    // What a user's data says is text, never a placeholder.
    ['{user.attributes.nested}', '{user.name}${env:HOME}'],
    ['{user.display_name}', '\u00c3\u0084nn {user.email}'],
    ['né', 'n\u00c3\u00a9'],
    // No value: nothing of the text is sent.
    ['Bearer {user.attributes.missing}', ''],
    ['Bearer {user.attributes.none}', ''],
    ['Bearer {user.attributes.split}', ''],
    ['Bearer {user.attributes.nul}', ''],
  ])('%s is %j for a user', (text, value) => {
    expect(fieldValue(compiled(text))(ANN)).toBe(value);
  });

  it.each([
    ['fixed', 'fixed'],
    ['{user.name}', ''],
    ['Bearer {user.name}', ''],
  ])('%s is %j without a user', (text, value) => {
    expect(fieldValue(compiled(text))(null)).toBe(value);
  });

  it('does not contain an address that the user only claims', () => {
    const claimed = testUser({ email: 'root@example.com', emailVerified: false });
    expect(fieldValue(compiled('{user.email}'))(claimed)).toBe('');
  });

  it.each(['{user.nam}', '{user.attributes}', '{user.attributes.a b}', 'x {user.name', '{user.}'])(
    '%s is no template',
    (text) => {
      expect(template(text, OPTIONS)).toHaveProperty('unknown');
    },
  );
});

const basic = (user: string, password: string) =>
  basicValue(compiled(user), compiled(password))(ANN);
const decoded = (value: string) => Buffer.from(value.slice(6), 'base64').toString();

describe('Basic credentials', () => {
  it('are the name and the password in UTF-8', () => {
    expect(basic('svc', 'pass:wörd')).toMatch(/^Basic [A-Za-z0-9+/]+=*$/);
    expect(decoded(basic('svc', 'pass:wörd'))).toBe('svc:pass:wörd');
    expect(decoded(basic('{user.name}', '{user.attributes.token}'))).toBe('ann:t0k');
    expect(decoded(basic('{user.display_name}', ' x '))).toBe('Änn {user.email}: x ');
  });

  it.each([
    ['{user.attributes.missing}', 'p'],
    ['{user.name}', '{user.attributes.missing}'],
    ['{user.attributes.colon}', 'p'],
    ['{user.attributes.split}', 'p'],
    ['{user.name}', '{user.attributes.nul}'],
  ])('of %s and %s are none', (user, password) => {
    expect(basic(user, password)).toBe('');
  });

  it('of fixed texts are sent without a user, others are not', () => {
    expect(basicValue(compiled('svc'), compiled('p'))(null)).toBe(`Basic ${btoa('svc:p')}`);
    expect(basicValue(compiled('{user.name}'), compiled('p'))(null)).toBe('');
  });
});
