import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountKey,
  addressKey,
  addTo,
  SCORE_BOUNDS,
  SCORE_HALVES,
  SCORE_KEPT,
  type Score,
  currentScore,
} from './score.ts';

const NOW = Date.UTC(2026, 10, 23, 12);

describe('a score', () => {
  it.each([
    [-5, 0, -5],
    [-5, SCORE_HALVES - 1, -5],
    [-5, SCORE_HALVES, -2],
    [-5, 2 * SCORE_HALVES, -1],
    [-5, 3 * SCORE_HALVES, 0],
    [5, SCORE_HALVES, 2],
    [-100, SCORE_KEPT - 1, -1],
    [-100, SCORE_KEPT, 0],
    [-5, -1_000, -5],
  ])('of %d is %d ms later %d', (value, later, expected) => {
    expect(currentScore({ value, at: NOW }, NOW + later).value).toBe(expected);
  });

  it('halves by the clock that it began with, and starts again after zero', () => {
    const half = SCORE_HALVES / 2;
    let score: Score = addTo(null, -4, NOW);
    score = addTo(score, -4, NOW + half);
    expect(currentScore(score, NOW + SCORE_HALVES).value).toBe(-4);
    score = addTo(addTo(null, 0, NOW), -1, NOW + half);
    expect(currentScore(score, NOW + SCORE_HALVES).value).toBe(-1);
  });

  it('is a whole number within its bounds, and never grows over time', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -1_000, max: SCORE_KEPT })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        let score: Score | null = null;
        let now = NOW;
        for (const [by, pause] of list) {
          score = addTo(score, by, now);
          expect(Number.isSafeInteger(score.value)).toBe(true);
          expect(score.value).toBeGreaterThanOrEqual(SCORE_BOUNDS.least);
          expect(score.value).toBeLessThanOrEqual(SCORE_BOUNDS.most);
          now += pause;
          expect(Math.abs(currentScore(score, now).value)).toBeLessThanOrEqual(
            Math.abs(score.value),
          );
        }
      }),
    );
  });
});

const known = (login: string) => accountKey({ login, userId: 'file/ann' });
const unknown = (login: string) => accountKey({ login, userId: null });

describe('a key', () => {
  it('is the same for every spelling of an account, known or not', () => {
    expect(known('ann')).toBe(known('ANN@example.com'));
    expect(unknown('Nix')).toBe(unknown('ｎｉｘ '));
    expect(unknown('file/ann')).not.toBe(known('ann'));
  });

  it('is shared by an IPv6 network', () => {
    expect(addressKey('2001:db8:1:2::1')).toBe(addressKey('2001:db8:1:2:ffff::9'));
    expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
  });
});
