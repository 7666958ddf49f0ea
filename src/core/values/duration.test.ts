import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DURATION, parseDuration } from './duration.ts';

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

  it('never gives anything but null or a whole number within bounds', () => {
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
});
