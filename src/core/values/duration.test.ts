import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, MAX_DURATION, parseDuration } from './duration.ts';

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    ['250ms', 250],
    ['3650d', MAX_DURATION],
  ])('reads %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', '0s', '15', '1.5h', '-1s', '1h30m', ' 1h', '1h ', '1H', '1w', '3651d', '01s', '١s'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it('parse to null or to a whole number of milliseconds within bounds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789smhd .'.split('')) }), (text) => {
        const duration = parseDuration(text);
        expect(
          duration === null ||
            (Number.isSafeInteger(duration) && duration >= 1 && duration <= MAX_DURATION),
        ).toBe(true);
      }),
    );
  });

  it.each([
    [90_000, '90s'],
    [900_000, '15m'],
    [5_400_000, '90m'],
    [86_400_000, '1d'],
    [250, '250ms'],
  ])('of %i ms are written %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
    expect(parseDuration(text)).toBe(milliseconds);
  });
});
