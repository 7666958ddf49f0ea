/** Second factors of other products, in the form in which Doorward stores them. */
import type { Authenticator } from '../people/account.ts';
import { HANDLE_KEY } from '../proof/passkey-proof.ts';
import { RP_KEY } from '../proof/passkey-site.ts';
import { knownTransports } from '../people/passkey.ts';
import { isWithin } from '../request/host.ts';

/** An authenticator without an owner. */
export interface ImportedFactor
  extends Pick<Authenticator, 'kind' | 'name' | 'lastUsedAt' | 'handle' | 'data'> {
  /** Epoch milliseconds; null if unknown. */
  readonly createdAt: number | null;
}

/** What of a user an import leaves behind, and why. */
export const LEFT_BEHIND = {
  'password/kind': 'passwords, because Doorward cannot verify hashes of their kind or cost',
  'password/elsewhere': 'passwords, because another directory verifies them',
  'password/temporary': 'temporary passwords that their users must change',
  'totp/kind': 'one-time codes of a kind that Doorward does not have, such as counter-based ones',
  'passkey/host': 'passkeys, because they belong to another host than the portal’s',
  'passkey/unknown-host': 'passkeys, because the export does not contain their host',
  'passkey/kind': 'security keys of the older kind U2F, and passkeys that cannot be read',
  'recovery-codes': 'recovery codes',
  'other-factor': 'second factors by SMS, email or another service',
  'email/unverified': 'the verification of email addresses (see --trust-email)',
} as const;
export type LeftBehind = keyof typeof LEFT_BEHIND;

/** What is common to both kinds. */
type Origin = Pick<ImportedFactor, 'name' | 'createdAt' | 'lastUsedAt'>;

const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'];
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Lengths of a secret in base32: 80 bits, which old apps have, to 128 bytes. */
const SECRET = /^[A-Z2-7]{16,205}$/;
/** Seconds. */
const PERIODS = { from: 15, to: 120 };
const MAX_NAME = 64;
/** Bytes, as for new passkeys (WebAuthn, 5.8.3). */
const MAX_ID = 1_023;
const MAX_KEY = 1_024;
const MAX_COUNTER = 2 ** 32 - 1;

/** An app with time-based codes, or why there is none. The secret is in base32. */
export function totpFactor(
  given: Origin & {
    readonly secret: string;
    readonly digits: number;
    readonly period: number;
    /** `SHA1`, `SHA256` or `SHA512`. */
    readonly algorithm: string;
  },
): ImportedFactor | LeftBehind {
  const { digits, period } = given;
  const secret = given.secret.replace(/[\s=]/g, '').toUpperCase();
  const algorithm = given.algorithm.toUpperCase();
  const isUsable =
    SECRET.test(secret) &&
    [6, 7, 8].includes(digits) &&
    Number.isInteger(period) &&
    period >= PERIODS.from &&
    period <= PERIODS.to &&
    ALGORITHMS.includes(algorithm);
  if (!isUsable) return 'totp/kind';
  return factor('totp', given, '', { secret, digits, period, algorithm });
}

/** Bytes in base32, without padding. */
export function base32(bytes: Uint8Array): string {
  let [text, buffer, bits] = ['', 0, 0];
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(buffer >> (bits - 5)) & 31];
    buffer &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(buffer << (5 - bits)) & 31];
}

/**
 * A passkey, or why there is none. The browser offers it on the portal's host only if `rpId` is that
 * host or one of its parents. Identifiers and key (COSE) are in base64 or base64url.
 */
export function passkeyFactor(
  given: Origin & {
    readonly id: string;
    readonly publicKey: string;
    readonly counter: number;
    readonly transports: unknown;
    readonly backedUp: boolean;
    /** Null if the export does not contain it. */
    readonly rpId: string | null;
    /** The user handle that it was made with; null if the export does not contain it. */
    readonly userHandle: string | null;
  },
  portalHost: string,
): ImportedFactor | LeftBehind {
  const { counter, transports, backedUp, rpId, userHandle } = given;
  const id = Buffer.from(given.id, 'base64');
  const key = Buffer.from(given.publicKey, 'base64');
  // A COSE key is a CBOR map, whose first byte says so (RFC 9052, 7; RFC 8949, 3.1).
  const isKey = key.length <= MAX_KEY && (key[0] ?? 0) >> 5 === 5;
  const isCounter = Number.isInteger(counter) && counter >= 0 && counter <= MAX_COUNTER;
  if (!isKey || !isCounter || id.length === 0 || id.length > MAX_ID) return 'passkey/kind';
  if (rpId === null) return 'passkey/unknown-host';
  if (!isWithin(portalHost, rpId)) return 'passkey/host';
  return factor('webauthn', given, id.toString('base64url'), {
    publicKey: key.toString('base64url'),
    counter,
    transports: knownTransports(transports),
    backedUp,
    [RP_KEY]: rpId,
    [HANDLE_KEY]: userHandle,
  });
}

function factor(
  kind: ImportedFactor['kind'],
  { name, createdAt, lastUsedAt }: Origin,
  handle: string,
  data: ImportedFactor['data'],
): ImportedFactor {
  const shown = name
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
    .toWellFormed();
  return { kind, name: shown, createdAt, lastUsedAt, handle, data };
}
