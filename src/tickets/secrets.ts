/** The server's secrets as base keys. Secrets themselves never leave this file. */
import { hash, hkdfSync } from 'node:crypto';
import { Problem } from '../core/values/problem.ts';

/** Shortest server secret, in UTF-8 bytes: 32 characters of a generated one are 192 bit or more. */
const MIN_SECRET_BYTES = 32;

/** What is derived from one server secret. */
export interface BaseKey {
  /** Tells keys apart inside sealed bytes; 48 bit, says nothing about the secret. */
  readonly id: number;
  /** 256 bit, for this purpose alone. */
  key(purpose: string): Buffer;
}

/** Most purposes whose keys are remembered; they are constants of the code, so this is never reached. */
const MAX_PURPOSES = 64;

/**
 * Base keys in the given order: the first seals, all open. Problem `secrets/weak` for none,
 * a short or a repeated one.
 */
export function baseKeys(secrets: readonly string[]): readonly [BaseKey, ...BaseKey[]] {
  const keys = secrets.map(baseKey);
  const [first, ...rest] = keys;
  if (first === undefined || new Set(keys.map((k) => k.id)).size !== keys.length) {
    throw weak('Give at least one session secret, and each only once.');
  }
  return [first, ...rest];
}

function baseKey(secret: string): BaseKey {
  if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    throw weak(`Session secrets need ${MIN_SECRET_BYTES} bytes or more: openssl rand -base64 32`);
  }
  const derive = (info: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, 'doorward/1', info, 32));
  const known = new Map<string, Buffer>();
  return {
    id: derive('id').readUIntBE(0, 6),
    key(purpose) {
      const found = known.get(purpose);
      if (found !== undefined) return found;
      const key = derive(`key:${purpose}`);
      if (known.size < MAX_PURPOSES) known.set(purpose, key);
      return key;
    },
  };
}

/** One-way name under a purpose: SHA-256, the first 132 bit, base64url. No key, so rotation leaves it alone. */
export function oneWayName(purpose: string, value: string): string {
  // The length goes first, so that no purpose and value run into one another.
  const text = `doorward/1:${purpose.length}:${purpose}:${value}`;
  return hash('sha256', text, 'base64url').slice(0, 22);
}

function weak(message: string): Problem {
  return new Problem('secrets/weak', message);
}
