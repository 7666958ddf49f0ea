import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fits, globOf, overlap } from './glob.ts';

const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
const globs = fc
  .string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 })
  .map((text) => (text.includes('*') ? text : `${text}*`).replace(/\*+/g, '*'));

/** All texts of up to five of these letters. */
const all = Array.from({ length: 5 }).reduce<string[]>(
  (known) => [...new Set(known.flatMap((one) => [one, `${one}a`, `${one}b`, `${one}c`]))],
  [''],
);

describe('text with *', () => {
  it('matches as the regular expression that it means', () => {
    fc.assert(
      fc.property(globs, texts, (glob, text) => {
        const meant = new RegExp(`^${glob.replaceAll('*', '.*')}$`);
        expect(fits(globOf(glob), text)).toBe(meant.test(text));
      }),
    );
  });

  it('weighs its other characters', () => {
    expect(['*', 'a*', '*a*b*'].map((text) => globOf(text).weight)).toEqual([0, 1, 2]);
  });

  it('overlaps another exactly if some text matches both', () => {
    const short = globs.filter((glob) => glob.length <= 3);
    fc.assert(
      fc.property(short, short, (a, b) => {
        const [x, y] = [globOf(a), globOf(b)];
        expect(overlap(a, b)).toBe(all.some((text) => fits(x, text) && fits(y, text)));
      }),
    );
  });
});
