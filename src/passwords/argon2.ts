/**
 * Argon2 (RFC 9106): the package `@node-rs/argon2` where it is installed, else Node's own, which takes
 * about three times as long. Loaded with the first password, since checks never need it.
 */
import crypto from 'node:crypto';
import { promisify } from 'node:util';
import { Problem } from '../core/values/problem.ts';
import { parseHash } from './hash-format.ts';

/** Memory in KiB, passes, lanes, and bytes of the hash. `algorithm` 2 is argon2id. */
export interface Argon2Cost {
  readonly algorithm: 2;
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
  readonly outputLen: number;
}

/** The part of `@node-rs/argon2` that passwords need. Hashes are PHC strings: `$argon2id$v=19$…`. */
export interface Argon2 {
  hash(password: string, cost: Argon2Cost): Promise<string>;
  /** Rejects for a text that is no argon2 hash. */
  verify(hash: string, password: string): Promise<boolean>;
}

/** The version that Node has, argon2 1.3. */
const VERSION = 19;
const SALT_BYTES = 16;

/** The fastest implementation that is here. */
export async function loadArgon2(): Promise<Argon2> {
  try {
    return await import('@node-rs/argon2');
  } catch (cause) {
    // A single executable and platforms without a binary: what Node has is slower, but the same.
    if (typeof crypto.argon2 === 'function') return nodeArgon2;
    throw new Problem(
      'passwords/no-argon2',
      'Passwords cannot be verified: install @node-rs/argon2, or run Node 24.7 or newer.',
      { cause },
    );
  }
}

/** Argon2 as part of Node. */
export const nodeArgon2: Argon2 = {
  async hash(
    password,
    { memoryCost: memory, timeCost: passes, parallelism, outputLen: tagLength },
  ) {
    const nonce = crypto.randomBytes(SALT_BYTES);
    const key = await derive('argon2id', {
      message: password,
      nonce,
      parallelism,
      tagLength,
      memory,
      passes,
    });
    const costs = `m=${memory},t=${passes},p=${parallelism}`;
    return `$argon2id$v=${VERSION}$${costs}$${unpadded(nonce)}$${unpadded(key)}`;
  },
  async verify(hash, password) {
    const parsed = parseHash(hash);
    if (parsed?.kind !== 'argon2') throw new TypeError('expected a hash of argon2');
    if (parsed.version !== VERSION) {
      throw new Problem(
        'passwords/old-argon2',
        'A hash of argon2 before version 1.3 can be verified only with @node-rs/argon2 installed.',
      );
    }
    const { salt: nonce, lanes: parallelism, memory, passes, key } = parsed;
    const tagLength = key.length;
    const found = await derive(parsed.variant, {
      message: password,
      nonce,
      parallelism,
      tagLength,
      memory,
      passes,
    });
    return crypto.timingSafeEqual(found, key);
  },
};

function derive(variant: crypto.Argon2Algorithm, parts: crypto.Argon2Parameters): Promise<Buffer> {
  return promisify(crypto.argon2)(variant, parts);
}

/** Base64 as PHC strings have it. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
