/**
 * Passkeys as stages speak of them: what the browser is asked, and what its answer is held
 * against. Pure; the cryptography is behind the port.
 */
import type { Authenticator } from './account.ts';
import type { Json } from '../values/json.ts';

export const USER_VERIFICATIONS = ['required', 'preferred', 'discouraged'] as const;
/** Whether the authenticator must know its owner (PIN, finger, face), and not only be there. */
export type UserVerification = (typeof USER_VERIFICATIONS)[number];

/** Longest answer of a browser, in characters of JSON. */
export const MAX_PASSKEY_ANSWER = 8192;
/** A credential's id has at most 1023 bytes (WebAuthn, 5.8.3): as many characters of base64url. */
const MAX_ID = 1364;
/** How long the browser may wait for the user, in milliseconds. */
const TIMEOUT = 5 * 60_000;
/** EdDSA, ES256, RS256 (COSE): what authenticators can do. */
export const PASSKEY_ALGORITHMS: readonly number[] = [-8, -7, -257];
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/** What an answer must be about. */
export interface PasskeyExpectation {
  /** base64url; the caller sees to it that each is used once. */
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  /** Whether its owner must have been verified by the authenticator. */
  readonly verified: boolean;
}

/** A passkey that was just made. */
export interface NewPasskey {
  /** base64url. */
  readonly id: string;
  /** For `Authenticator.data`. */
  readonly data: Authenticator['data'];
}

/** Checks what browsers answer: origin, relying party, kind, challenge, presence, signature, counter. */
export interface Passkeys {
  /** Null for anything that is no answer to this creation. */
  register(answer: string, expected: PasskeyExpectation): Promise<NewPasskey | null>;
  /** The data to keep from now on; null for anything that `passkey` did not sign for this. */
  verify(
    answer: string,
    expected: PasskeyExpectation,
    passkey: Authenticator,
  ): Promise<Authenticator['data'] | null>;
}

/** Options of navigator.credentials.get. Without `allowed` the browser offers what it has for this site. */
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

/** Options of navigator.credentials.create. */
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

/** A stored passkey as the options name it. */
export function passkeyOf(authenticator: Authenticator): {
  readonly id: string;
  readonly transports: readonly string[];
} {
  return {
    id: authenticator.handle,
    transports: knownTransports(authenticator.data['transports']),
  };
}

/** Those that browsers know; the browser says which, so anything may come. */
export function knownTransports(value: unknown): readonly string[] {
  const given = Array.isArray(value) ? value : [];
  return TRANSPORTS.filter((transport) => given.includes(transport));
}

/** Which passkey an answer claims to be from, and whose; null for what is no answer. Nothing of it is proved. */
export function claimedPasskey(
  answer: string,
): { readonly id: string; readonly userHandle: string | null } | null {
  const id = jsonAt(answer, 'id');
  if (typeof id !== 'string' || id.length > MAX_ID || !/^[\w-]+$/.test(id)) return null;
  // Browsers leave it out, or empty, for a key that keeps no names.
  const userHandle = jsonAt(answer, 'response', 'userHandle') || null;
  return userHandle === null || typeof userHandle === 'string' ? { id, userHandle } : null;
}

function jsonAt(text: string, ...path: readonly string[]): unknown {
  if (text.length > MAX_PASSKEY_ANSWER) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Named fallback: what does not parse holds nothing.
    return undefined;
  }
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
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
  /** The relying party of passkeys without a stored one: the cookie domain, else the portal's host. */
  readonly olderRpId: string;
}
