/** Time-based codes as they are checked here (RFC 6238). The library comes when needed. */
import type { Authenticator } from '../../core/people/account.ts';

/** The step that a code belongs to, at most one from now; null for a wrong one. `now` in epoch milliseconds. */
export async function stepOf(
  data: Authenticator['data'],
  code: string,
  now: number,
): Promise<{ readonly at: number; readonly period: number } | null> {
  const { secret, digits, period } = data;
  if (typeof secret !== 'string' || typeof digits !== 'number' || typeof period !== 'number') {
    return null;
  }
  if (!/^\d{6,8}$/.test(code)) return null;
  const { TOTP } = await import('otpauth');
  const totp = new TOTP({ secret, digits, period });
  const delta = totp.validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? null : { at: Math.floor(now / 1000 / period) + delta, period };
}
