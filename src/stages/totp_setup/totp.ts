/** Time-based codes as this stage needs them (RFC 6238): a secret, its URI, the step of a code. The library comes when needed. */

/** What a secret goes with. */
interface Kind {
  readonly secret: string;
  readonly digits: number;
  /** Seconds. */
  readonly period: number;
}

/** Random bytes (base64url) in the letters of authenticator apps (base32). */
export async function newSecret(token: string): Promise<string> {
  const { Secret } = await import('otpauth');
  const bytes = Uint8Array.from(Buffer.from(token, 'base64url'));
  return new Secret({ buffer: bytes.buffer }).base32;
}

/** `otpauth://totp/…`, for the QR code. */
export async function keyUri(
  about: Kind & { readonly issuer: string; readonly label: string },
): Promise<string> {
  const { TOTP } = await import('otpauth');
  // Two readers cut at the first colon.
  const [issuer, label] = [about.issuer, about.label].map((text) => text.replaceAll(':', ' '));
  return new TOTP({ ...about, issuer: issuer ?? '', label: label ?? '' }).toString();
}

/** The step a code belongs to, at most one from now; null for a wrong one. `now` in epoch milliseconds. */
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

/** In fours, to be typed. */
export function grouped(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}
