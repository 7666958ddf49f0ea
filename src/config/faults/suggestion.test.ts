import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './suggestion.ts';

describe('a suggestion', () => {
  it.each([
    ['sesion', 'session'],
    ['sessoin', 'session'],
    ['trusted_proxy', 'trusted_proxies'],
    ['trusted-proxies', 'trusted_proxies'],
    ['Listen', 'listen'],
    ['lsten', 'listen'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, ['session', 'trusted_proxies', 'listen', 'state'])).toBe(meant);
  });

  it('is not made for something far off', () => {
    expect(nearest('kubernetes', ['session', 'listen'])).toBeNull();
    expect(nearest('ab', ['xy'])).toBeNull();
  });

  it('is never the word itself', () => {
    expect(nearest('state', ['state'])).toBeNull();
  });
});

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
  ])('of %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is the same both ways, and none only between equal words', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
