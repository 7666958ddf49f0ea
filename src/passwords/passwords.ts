/**
 * Hashes and verifies passwords, at most two at a time and a short line behind: four would
 * fill libuv's pool and stop every file access. Never logs, keeps or returns a password.
 */
import { createHash, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import {
  MAX_PASSWORD_BYTES,
  type Passwords,
  type PasswordVerdict,
} from '../core/people/password.ts';
import { Problem } from '../core/values/problem.ts';
import { type Argon2, type Argon2Cost, loadArgon2 } from './argon2.ts';
import { costOf, isQuick, type ParsedHash, parseHash } from './hash-format.ts';
import { verifyOffLoop } from './off-loop.ts';
import { currentOrigin } from './origin.ts';
import { createQueue, type QueueSize } from './queue.ts';

/** argon2id, 64 MiB, three passes, four lanes: above what OWASP asks for, some 70 ms. */
const COST: Argon2Cost = {
  algorithm: 2,
  memoryCost: 65_536,
  timeCost: 3,
  parallelism: 4,
  outputLen: 32,
};

/** A hash of no known password, of the same cost: verified where there is no hash, so that time reveals nothing. */
const DECOY =
  '$argon2id$v=19$m=65536,t=3,p=4$sJ1Zc0o3pQe2uWk7v5xY8A$dGhpcyBpcyBub2JvZHkncyBwYXNzd29yZCBoYXNoISE';

/** What bcrypt reads of a password. */
const MAX_BCRYPT_BYTES = 72;

const scryptAsync = promisify<string, Buffer, number, object, Buffer>(scrypt);
const pbkdf2Async = promisify(pbkdf2);

/** Two hashes at once, 20 waiting before `busy`, and 10 more for known devices. */
const SIZE: QueueSize = { concurrency: 2, waiting: 20, reserved: 10 };

/** Hashes and verifies; places in the line are shared out by `currentOrigin`. */
export function createPasswords(
  size: Partial<QueueSize> = {},
  argon2: () => Promise<Argon2> = loadArgon2,
): Passwords {
  const line = createQueue({ ...SIZE, ...size });
  return {
    async hash(password) {
      const text = readPassword(password);
      if (text === null) {
        throw new Problem(
          'password/unusable',
          `A password has 1 to ${MAX_PASSWORD_BYTES} bytes and no control character NUL.`,
          { status: 400 },
        );
      }
      const hash = await line.run(async () => (await argon2()).hash(text, COST), currentOrigin());
      if (hash === 'full') throw busy();
      return hash;
    },
    async verify(hash, password): Promise<PasswordVerdict> {
      const text = readPassword(password);
      if (text === null) return 'wrong';
      const parsed = hash === null ? null : parseHash(hash);
      const isRight = await line.run(
        async () =>
          hash === null || parsed === null
            ? (await (await argon2()).verify(DECOY, text), false)
            : compare(parsed, text, argon2),
        currentOrigin(),
      );
      if (isRight === 'full') return 'busy';
      return isRight ? 'right' : 'wrong';
    },
    isHash: (text) => parseHash(text) !== null,
    costOf,
    isQuick,
    isOutdated(hash) {
      const parsed = parseHash(hash);
      return (
        parsed?.kind !== 'argon2' ||
        parsed.variant !== 'argon2id' ||
        parsed.version !== 19 ||
        parsed.memory < COST.memoryCost ||
        parsed.passes < COST.timeCost ||
        parsed.key.length < COST.outputLen
      );
    },
  };
}

/** Too much hashing at once; nothing was counted and nothing is known about the password. */
function busy(): Problem {
  return new Problem('passwords/busy', 'Too many people are signing in right now.', {
    status: 503,
    retryAfter: 2,
  });
}

/**
 * The password as it is hashed: NFKC once, so that every keyboard writes the same one. Null
 * for one that is empty, too long, holds NUL (where bcrypt would stop reading) or is no Unicode text.
 */
function readPassword(raw: string): string | null {
  if (raw.length === 0 || raw.length > MAX_PASSWORD_BYTES || !raw.isWellFormed()) return null;
  if (raw.includes('\0')) return null;
  const text = raw.normalize('NFKC');
  return Buffer.byteLength(text, 'utf8') > MAX_PASSWORD_BYTES ? null : text;
}

async function compare(
  parsed: ParsedHash,
  password: string,
  argon2: () => Promise<Argon2>,
): Promise<boolean> {
  switch (parsed.kind) {
    case 'argon2':
      return (await argon2()).verify(parsed.text, password);
    case 'bcrypt': {
      // It hashes no more than 72 bytes: what lies behind them was never compared, so it is no match.
      const isWhole = Buffer.byteLength(password, 'utf8') <= MAX_BCRYPT_BYTES;
      return (await verifyOffLoop(parsed.text, password)) && isWhole;
    }
    case 'sha-crypt':
      return verifyOffLoop(parsed.text, password);
    case 'scrypt': {
      const { cost: N, blockSize: r, parallelism: p, salt, key } = parsed;
      const maxmem = 256 * N * r + 1024 * r * p + 1_048_576;
      return timingSafeEqual(
        await scryptAsync(password, salt, key.length, { N, r, p, maxmem }),
        key,
      );
    }
    case 'pbkdf2': {
      const { iterations, digest, salt, key } = parsed;
      return timingSafeEqual(
        await pbkdf2Async(password, salt, iterations, key.length, digest),
        key,
      );
    }
    case 'salted-sha': {
      const { digest, salt, key } = parsed;
      return timingSafeEqual(createHash(digest).update(password).update(salt).digest(), key);
    }
  }
}
