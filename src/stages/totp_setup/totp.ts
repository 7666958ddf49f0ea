/**
 * Time-based codes for the setup (RFC 6238): a secret, its URI, and the time step of a code. Loads
 * the library on first use.
 */

interface Kind {
  readonly secret: string;
  readonly digits: number;
  /** Seconds. */
  readonly period: number;
}

/** Encodes random bytes (base64url) as base32 for authenticator apps. */
export async function newSecret(token: string): Promise<string> {
  const { Secret } = await import('otpauth');
  const bytes = Uint8Array.from(Buffer.from(token, 'base64url'));
  return new Secret({ buffer: bytes.buffer }).base32;
}

/** Returns the `otpauth://totp/…` URI for the QR code. */
export async function keyUri(
  about: Kind & { readonly issuer: string; readonly label: string },
): Promise<string> {
  const { TOTP } = await import('otpauth');
  // Some apps split issuer and label at the first colon.
  const [issuer, label] = [about.issuer, about.label].map((text) => text.replaceAll(':', ' '));
  return new TOTP({ ...about, issuer: issuer ?? '', label: label ?? '' }).toString();
}

/**
 * Returns the time step of a code, at most one step from `now` (epoch milliseconds), or null if the
 * code is wrong.
 */
export async function stepOf(kind: Kind, code: string, now: number): Promise<number | null> {
  if (!/^\d{6,8}$/.test(code)) return null;
  const { TOTP } = await import('otpauth');
  const { secret, digits, period } = kind;
  const delta = new TOTP({ secret, digits, period }).validate({
    token: code,
    timestamp: now,
    window: 1,
  });
  return delta === null ? null : Math.floor(now / 1000 / period) + delta;
}

/** Groups the secret in fours for manual entry. */
export function grouped(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}
