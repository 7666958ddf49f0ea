import { describe, expect, it } from 'vitest';
import { anInput, aUser, NOON } from '../../../test/support/policy-input.ts';
import { passwordAge } from './policy.ts';

const DAY = 86_400_000;
const evaluate = (span: string, passwordSetAt: number | null, now = NOON) =>
  passwordAge.compile(passwordAge.config.parse({ newer_than: span }))(
    anInput({ user: aUser({ passwordSetAt }), now }),
  );

describe('password_age', () => {
  it.each([
    ['90d', NOON, true],
    ['90d', NOON - 90 * DAY + 1, true],
    ['90d', NOON - 90 * DAY, false],
    ['90d', NOON - 91 * DAY, false],
    ['90d', 0, false],
    ['1h', NOON - 3_599_999, true],
    ['1h', NOON - 3_600_000, false],
    // A clock that is slightly ahead.
    ['1h', NOON + 60_000, true],
  ])('newer than %s, set at %i: %s', (span, setAt, pass) => {
    const verdict = evaluate(span, setAt);
    expect(verdict.pass).toBe(pass);
    expect(verdict.reason.code).toBe(pass ? 'password_age/newer' : 'password_age/older');
  });

  it('gives the age of the password', () => {
    expect(evaluate('90d', NOON - 100.7 * DAY).reason.detail).toBe(
      'needs a password newer than 90d; it is 100 days old',
    );
  });

  it.each([null, NOON + 2 * DAY, Number.NaN, Number.POSITIVE_INFINITY])(
    'cannot be evaluated if the time of change is unknown: %s',
    (setAt) => {
      expect(() => evaluate('90d', setAt)).toThrow(/not known when|in the future/);
    },
  );

  it('fails without a user', () => {
    const compiled = passwordAge.compile(passwordAge.config.parse({ newer_than: '90d' }));
    expect(() => compiled(anInput({ user: null }))).toThrow('the user is not known');
  });

  it.each([{}, { newer_than: '3 months' }, { newer_than: '99999d' }, { newer_than: 90 }])(
    'refuses options %j',
    (options) => {
      expect(passwordAge.config.safeParse(options).success).toBe(false);
    },
  );
});
