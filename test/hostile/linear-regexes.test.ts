/** Every regular expression in the sources takes linear time, for any text. */
import { describe, expect, it } from 'vitest';
import { slowInputs } from '../support/growth.ts';
import { beginningOf, piecesFor, regexesBelow } from '../support/regexes.ts';

/** Read by the operator's own processes, never by a request. */
const OPERATORS =
  /^(?:config|cli|demo|mailers|main|serve|tools|first-|greeting|worker|work|stores\/redis\/config)/;

describe('a regular expression', () => {
  const all = regexesBelow((path) => OPERATORS.test(path));

  it('is found in every position', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(all.some(({ place }) => place.startsWith('core/request/path.ts'))).toBe(true);
  });

  it.each(all.map(({ place, regex }) => [place, regex] as const))(
    '%s takes linear time',
    { timeout: 300_000 },
    async (_, regex) => {
      const slow = await slowInputs({
        longest: 4096,
        pieces: piecesFor(regex),
        frames: [
          [beginningOf(regex), ''],
          [beginningOf(regex), '\u0001'],
        ],
        read: (text) => text.replace(regex, ''),
      });
      expect(slow).toEqual([]);
    },
  );
});
