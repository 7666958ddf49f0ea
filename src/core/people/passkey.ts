/**
 * Passkeys as stages use them: the options for the browser, and what its response must match. Pure;
 * the cryptography is behind a port.
 */

import type { Json } from '../values/json.ts';
import { valueAt } from '../values/record.ts';
import type { Authenticator } from './account.ts';

export const USER_VERIFICATIONS = ['required', 'preferred', 'discouraged'] as const;
/**
 * Whether the authenticator must verify its owner (PIN, finger, face) rather than only detect
 * presence.
 */
export type UserVerification = (typeof USER_VERIFICATIONS)[number];

/** Longest response of a browser, in characters of JSON. */
export const MAX_PASSKEY_ANSWER = 8192;
/**
 * A credential id has at most 1023 bytes (WebAuthn, 5.8.3), which is this many characters of
 * base64url.
 */
const MAX_ID = 1364;
/** How long the browser may wait for the user, in milliseconds. */
const TIMEOUT = 5 * 60_000;
/** EdDSA, ES256, RS256 (COSE), which cover what authenticators support. */
export const PASSKEY_ALGORITHMS: readonly number[] = [-8, -7, -257];
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/** What a response must match. */
export interface PasskeyExpectation {
  /** base64url. The caller ensures that each challenge is used once. */
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  /** Whether the authenticator must have verified its owner. */
  readonly verified: boolean;
}

/** A newly created passkey. */
export interface NewPasskey {
  /** base64url. */
  readonly id: string;
  /** For `Authenticator.data`. */
  readonly data: Authenticator['data'];
}

/**
 * Checks responses of browsers: origin, relying party, kind, challenge, presence, signature,
 * counter.
 */
export interface Passkeys {
  /** Null unless the response belongs to this creation. */
  register(answer: string, expected: PasskeyExpectation): Promise<NewPasskey | null>;
  /**
   * Returns the data to store from now on; null unless `passkey` signed this response for this
   * expectation.
   */
  verify(
    answer: string,
    expected: PasskeyExpectation,
    passkey: Authenticator,
  ): Promise<Authenticator['data'] | null>;
}

/**
 * Options for navigator.credentials.get. With an empty `allowed`, the browser offers every passkey
 * it has for this site.
 */
export function requestOptions(ask: {
  readonly challenge: string;
  readonly rpId: string;
  readonly userVerification: UserVerification;
  readonly allowed: readonly { readonly id: string; readonly transports: readonly string[] }[];
}): Json {
  return {
    challenge: ask.challenge,
    rpId: ask.rpId,
    timeout: TIMEOUT,
    userVerification: ask.userVerification,
    allowCredentials: ask.allowed.map(descriptor),
  };
}

/** Options for navigator.credentials.create. */
export function creationOptions(ask: {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  /** `id` is an opaque handle, base64url. */
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly attachment: 'platform' | 'cross-platform' | null;
  readonly residentKey: UserVerification;
  readonly userVerification: UserVerification;
  readonly excluded: readonly { readonly id: string; readonly transports: readonly string[] }[];
}): Json {
  return {
    challenge: ask.challenge,
    rp: ask.rp,
    user: ask.user,
    pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: TIMEOUT,
    attestation: 'none',
    authenticatorSelection: {
      ...(ask.attachment === null ? {} : { authenticatorAttachment: ask.attachment }),
      residentKey: ask.residentKey,
      requireResidentKey: ask.residentKey === 'required',
      userVerification: ask.userVerification,
    },
    excludeCredentials: ask.excluded.map(descriptor),
    extensions: { credProps: true },
  };
}

/** A stored passkey in the form that the options need. */
export function passkeyOf(authenticator: Authenticator): {
  readonly id: string;
  readonly transports: readonly string[];
} {
  return {
    id: authenticator.handle,
    transports: knownTransports(authenticator.data['transports']),
  };
}

/** Keeps the known transports. The value comes from a browser, so it can be anything. */
export function knownTransports(value: unknown): readonly string[] {
  const given = Array.isArray(value) ? value : [];
  return TRANSPORTS.filter((transport) => given.includes(transport));
}

/**
 * The passkey and user that a response claims, or null if it is malformed. The claim is unproved.
 */
export function claimedPasskey(
  answer: string,
): { readonly id: string; readonly userHandle: string | null } | null {
  const id = jsonAt(answer, 'id');
  if (typeof id !== 'string' || id.length > MAX_ID || !/^[\w-]+$/.test(id)) return null;
  // Browsers omit it, or leave it empty, for authenticators that store no user handle.
  const userHandle = jsonAt(answer, 'response', 'userHandle') || null;
  return userHandle === null || typeof userHandle === 'string' ? { id, userHandle } : null;
}

function jsonAt(text: string, ...path: readonly string[]): unknown {
  if (text.length > MAX_PASSKEY_ANSWER) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Named fallback: text that does not parse has no values.
    return undefined;
  }
  return valueAt(value, path);
}

function descriptor(one: { readonly id: string; readonly transports: readonly string[] }): Json {
  return {
    type: 'public-key',
    id: one.id,
    ...(one.transports.length === 0 ? {} : { transports: one.transports }),
  };
}

/** The relying party ids of a portal. */
export interface PasskeySite {
  /** The portal's host: the relying party of every new passkey. */
  readonly rpId: string;
  /**
   * The relying party of passkeys that have none stored: the cookie domain, or else the portal's
   * host.
   */
  readonly olderRpId: string;
}
