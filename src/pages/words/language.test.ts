import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directionOf, negotiate } from './language.ts';

const HAVE = ['en', 'de', 'pt-BR'];

describe('the language of a page', () => {
  it.each([
    [null, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', 'en'],
    ['en;q=0.2, de;q=0.9', 'de'],
    ['de;q=0, en', 'en'],
    ['pt', 'pt-BR'],
    ['pt-br', 'pt-BR'],
    ['ja, *', 'en'],
    ['ja', 'en'],
    ['DE', 'de'],
    ['de;q=2', 'en'],
    ['<x"\'>, de', 'de'],
  ])('for %j is %s', (header, expected) => {
    expect(negotiate(header, HAVE)).toBe(expected);
  });

  it('is always one we have, for any header', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (header) => {
        expect(HAVE).toContain(negotiate(header, HAVE));
      }),
    );
  });

  it('has the direction right to left if it is written so', () => {
    expect([directionOf('he'), directionOf('ar-EG'), directionOf('de')]).toEqual([
      'rtl',
      'rtl',
      'ltr',
    ]);
  });
});
