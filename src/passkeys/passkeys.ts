/**
 * Verifies the responses of browsers about passkeys. Returns null for every response that fails a
 * check, whichever it is. The library and its certificates are loaded with the first response.
 */
import type {
  AuthenticationResponseJSON,
  RegistrationResponseJSON,
  WebAuthnCredential,
} from '@simplewebauthn/server';
import type { Authenticator } from '../core/people/account.ts';
import {
  knownTransports,
  MAX_PASSKEY_ANSWER,
  PASSKEY_ALGORITHMS,
  type PasskeyExpectation,
  type Passkeys,
} from '../core/people/passkey.ts';
import { isRecord } from '../core/values/record.ts';

/** Longest public key kept, in bytes; the largest of ours is RSA with 4096 bits. */
const MAX_KEY = 1024;
/** Longest credential id, in bytes (WebAuthn, 5.8.3). */
const MAX_ID = 1023;

/** The checks. */
export function createPasskeys(): Passkeys {
  return {
    async register(answer, expected) {
      const response = answerOf(answer);
      if (response === null || isFramed(response.response.clientDataJSON)) return null;
      const { verifyRegistrationResponse } = await library();
      const checked = await orNo(() =>
        verifyRegistrationResponse({
          response,
          ...held(expected),
          expectedType: 'webauthn.create',
          supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
        }),
      );
      if (checked?.verified !== true) return null;
      const { credential, credentialBackedUp } = checked.registrationInfo;
      if (Buffer.from(credential.id, 'base64url').length > MAX_ID) return null;
      if (credential.publicKey.length > MAX_KEY) return null;
      return {
        id: credential.id,
        data: {
          publicKey: Buffer.from(credential.publicKey).toString('base64url'),
          counter: credential.counter,
          transports: knownTransports(response.response.transports),
          backedUp: credentialBackedUp,
        },
      };
    },
    async verify(answer, expected, passkey) {
      const response = answerOf(answer);
      const credential = credentialOf(passkey);
      if (response === null || credential === null || response.id !== credential.id) return null;
      if (isFramed(response.response.clientDataJSON)) return null;
      const { verifyAuthenticationResponse } = await library();
      const checked = await orNo(() =>
        verifyAuthenticationResponse({
          response,
          ...held(expected),
          expectedType: 'webauthn.get',
          credential,
        }),
      );
      if (checked?.verified !== true) return null;
      const { newCounter, credentialBackedUp } = checked.authenticationInfo;
      return { ...passkey.data, counter: newCounter, backedUp: credentialBackedUp };
    },
  };
}

/** Heavy with ASN.1: gateways without passkeys never need it. */
function library(): Promise<typeof import('@simplewebauthn/server')> {
  return import('@simplewebauthn/server');
}

function held(expected: PasskeyExpectation) {
  return {
    expectedChallenge: expected.challenge,
    expectedOrigin: expected.origin,
    expectedRPID: expected.rpId,
    requireUserVerification: expected.verified,
  };
}

/** The library throws for every failed check, also if parts of a response have another type. */
async function orNo<T>(check: () => Promise<T>): Promise<T | null> {
  try {
    return await check();
  } catch {
    // Named fallback: a response that cannot be checked fails.
    return null;
  }
}

/** The parsed response with its inner `response`. The library checks everything else. */
function answerOf(text: string): (RegistrationResponseJSON & AuthenticationResponseJSON) | null {
  if (text.length > MAX_PASSKEY_ANSWER) return null;
  const value = json(text);
  if (!isRecord(value) || typeof value.response !== 'object' || value.response === null)
    return null;
  return value as unknown as RegistrationResponseJSON & AuthenticationResponseJSON;
}

/** Whether the browser reports a frame on another site. Our own pages are never in one. */
function isFramed(clientDataJson: unknown): boolean {
  if (typeof clientDataJson !== 'string') return true;
  const data = json(Buffer.from(clientDataJson, 'base64url').toString('utf8'));
  if (!isRecord(data)) return true;
  return (data.crossOrigin ?? false) !== false || data.topOrigin !== undefined;
}

function credentialOf(passkey: Authenticator): WebAuthnCredential | null {
  const { publicKey, counter } = passkey.data;
  if (passkey.kind !== 'webauthn' || typeof publicKey !== 'string') return null;
  if (typeof counter !== 'number' || !Number.isSafeInteger(counter)) return null;
  return { id: passkey.handle, publicKey: Buffer.from(publicKey, 'base64url'), counter };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Named fallback: a response that cannot be parsed is none.
    return null;
  }
}
