import { describe, expect, it } from 'vitest';
import { basic } from '../../../test/support/tokens.ts';
import {
  afterBearer,
  MAX_AUTHORIZATION,
  readAuthorization,
  schemeOf,
  secretOf,
} from './authorization.ts';

describe('an Authorization field', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   a.b-c~d/e+f_g==', 'a.b-c~d/e+f_g=='],
    ['BEARER 0', '0'],
  ])('contains a bearer token: %s', (field, token) => {
    expect(readAuthorization(field)).toEqual({ scheme: 'bearer', token });
  });

  it.each([
    [basic('ann', 'secret'), 'ann', 'secret'],
    [basic('', ''), '', ''],
    [basic('ann', 'a:b:'), 'ann', 'a:b:'],
    [basic('Zoë', 'pässwörd €'), 'Zoë', 'pässwörd €'],
    [`basic ${btoa('a:b')}`, 'a', 'b'],
    // Some clients leave out the padding.
    [basic('a', 'b1').replace(/=+$/, ''), 'a', 'b1'],
  ])('contains a name and password: %s', (field, user, password) => {
    const credentials = readAuthorization(field);
    expect(credentials).toEqual({ scheme: 'basic', user, password });
    expect(credentials === null ? '' : secretOf(credentials)).toBe(password);
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer a, Basic YTpi',
    ' Bearer a',
    'Bearer\ta',
    'Bearera',
    'Bearer é',
    'Basic',
    'Basic a:b',
    'Basic YTpi YTpi',
    'Basic YTp',
    `Basic ${btoa('no colon')}`,
    `Basic ${btoa('a:\0')}`,
    `Basic ${btoa('a:b\n')}`,
    // Bytes that are no UTF-8, and spare bits that another reader could keep.
    `Basic ${btoa('a:\xff')}`,
    'Basic YTpiY1==',
    'Digest username="ann"',
    'Negotiate YTpi',
    `Bearer ${'a'.repeat(MAX_AUTHORIZATION)}`,
  ])('contains nothing that is understood: %j', (field) => {
    expect(readAuthorization(field)).toBeNull();
  });
});

describe('what follows the scheme Bearer', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['BEARER   a b,', 'a b,'],
    ['bearer ', ''],
    ['Bearer', null],
    [' Bearer abc', null],
    ['Bearerabc', null],
    ['Basic YTpi', null],
    ['', null],
  ])('of %j is %j', (field, text) => {
    expect(afterBearer(field)).toBe(text);
  });
});

describe('the scheme of a field', () => {
  it.each([
    ['Basic x', 'basic'],
    ['bAsIc', 'basic'],
    ['basic\tx', 'basic'],
    ['  Bearer x', 'bearer'],
    ['BEARER,', 'bearer'],
    ['Basically x', null],
    ['Bearer-Key x', null],
    ['Digest basic', null],
    ['', null],
  ])('%j: %s', (field, scheme) => {
    expect(schemeOf(field)).toBe(scheme);
  });
});
