import { describe, expect, it } from 'vitest';
import { userLogin } from './stage.ts';

describe('user_login', () => {
  it.each([
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
  ])('reads lasts: %s', (lasts, milliseconds) => {
    expect(userLogin.config.parse({ lasts }).lasts).toBe(milliseconds);
  });

  it.each(['0s', '12', 'forever', '-1h', '99999d', 5])('refuses lasts: %s', (lasts) => {
    expect(userLogin.config.safeParse({ lasts }).success).toBe(false);
  });

  it('wants somebody who was identified and verified', () => {
    expect(userLogin.claims({ end_other_sessions: false })).toEqual({
      wants: ['identified', 'verified'],
      gives: ['session'],
    });
  });
});
