/** Verifies time-based codes (RFC 6238). Loads the library on first use. */
import type { Authenticator } from '../../core/people/account.ts';

/**
 * Returns the time step of a code, at most one step from `now` (epoch milliseconds), or null if the
 * code is wrong.
 */
export async function stepOf(
  data: Authenticator['data'],
  code: string,
  now: number,
): Promise<{ readonly at: number; readonly period: number } | null> {
  // Only imported ones have another algorithm.
  const { secret, digits, period, algorithm = 'SHA1' } = data;
  if (typeof secret !== 'string' || typeof digits !== 'number' || typeof period !== 'number') {
    return null;
  }
  if (typeof algorithm !== 'string' || !/^\d{6,8}$/.test(code)) return null;
  const { TOTP } = await import('otpauth');
  const totp = new TOTP({ secret, digits, period, algorithm });
  const delta = totp.validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? null : { at: Math.floor(now / 1000 / period) + delta, period };
}
