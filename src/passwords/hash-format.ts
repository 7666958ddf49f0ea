/**
 * Password hashes as text, read into their parts. What costs more than the caps below is
 * no hash to us: a users file must not be able to ask for gigabytes or minutes.
 */

import { capture } from '../core/values/capture.ts';

/** Bytes of each digest. */
const DIGESTS = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };
type Digest = keyof typeof DIGESTS;

const VARIANTS = ['argon2id', 'argon2i', 'argon2d'] as const;

/** A hash with its costs. `text` is the hash without the name of a scheme before it. */
export type ParsedHash =
  | {
      readonly kind: 'argon2';
      readonly text: string;
      readonly variant: (typeof VARIANTS)[number];
      readonly version: number;
      /** KiB. */
      readonly memory: number;
      readonly passes: number;
      readonly lanes: number;
      readonly salt: Buffer;
      readonly key: Buffer;
    }
  | { readonly kind: 'bcrypt'; readonly text: string; readonly cost: number }
  | {
      readonly kind: 'scrypt';
      readonly cost: number;
      readonly blockSize: number;
      readonly parallelism: number;
      readonly salt: Buffer;
      readonly key: Buffer;
    }
  | {
      readonly kind: 'pbkdf2';
      readonly digest: Digest;
      readonly iterations: number;
      readonly salt: Buffer;
      readonly key: Buffer;
    }
  | {
      readonly kind: 'sha-crypt';
      readonly text: string;
      readonly variant: '5' | '6';
      readonly rounds: number;
    }
  | {
      readonly kind: 'salted-sha';
      readonly digest: Digest;
      readonly salt: Buffer;
      readonly key: Buffer;
    };

/** Longest hash text. */
const MAX_HASH = 512;
/** 256 MiB, in KiB. */
const MAX_MEMORY = 262_144;
/** KiB times passes: 256 MiB eight times over, some two seconds. */
const MAX_ARGON2_WORK = MAX_MEMORY * 8;
const MAX_BCRYPT_COST = 14;
/** N·r·p of scrypt; 2^19 is what Authelia writes. */
const MAX_SCRYPT_WORK = 2 ** 22;
const MAX_ITERATIONS = 2_000_000;
/** Iterations of PBKDF2 times the blocks of its key, each of which takes them all; 3.2 million is what Authelia writes. */
const MAX_PBKDF2_WORK = 4_000_000;
const MAX_ROUNDS = 500_000;
/** Shorter results are guessed too easily to be taken for a hash. */
const MIN_KEY = 16;
const MAX_KEY = 128;

const ARGON2 =
  /^\$(argon2id|argon2i|argon2d)\$(?:v=(16|19)\$)?m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]+)$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+./]{1,86})\$([A-Za-z0-9+./]+)$/;
const PBKDF2 =
  /^\$pbkdf2(?:-(sha1|sha224|sha256|sha384|sha512))?\$(\d{1,9})\$([A-Za-z0-9+./]{1,86})\$([A-Za-z0-9+./]+)$/;
const SHA_CRYPT =
  /^\$(?:5\$(?:rounds=(\d{4,9})\$)?[^$:\n]{0,16}\$[./0-9A-Za-z]{43}|6\$(?:rounds=(\d{4,9})\$)?[^$:\n]{0,16}\$[./0-9A-Za-z]{86})$/;

/**
 * Schemes of LDAP servers (RFC 2307, OpenLDAP's modules, Dovecot) in front of a hash that names its
 * own kind; Django writes `argon2` the same way.
 */
const SCHEME =
  /^(?:\{(?:CRYPT|ARGON2(?:ID|I)?|BCRYPT|BLF-CRYPT|SHA256-CRYPT|SHA512-CRYPT)\}|argon2)(?=\$)/i;
/** Django: the salt is text, the key is padded base64. */
const DJANGO =
  /^pbkdf2_(sha1|sha256)\$(\d{1,9})\$([\x21-\x23\x25-\x7e]{1,128})\$([A-Za-z0-9+/]+={0,2})$/;
/** LDAP: the salt follows the key. There is no unsalted form: those are read from published tables. */
const SALTED_SHA = /^\{SSHA(256|384|512)?\}([A-Za-z0-9+/]+={0,2})$/i;
const MAX_SALT = 64;

/** The parts of a hash, or null for anything that is none or costs too much. */
export function parseHash(written: string): ParsedHash | null {
  if (written.length > MAX_HASH) return null;
  const text = written.replace(SCHEME, '');
  return (
    parseArgon2(text) ??
    parseBcrypt(text) ??
    parseScrypt(text) ??
    parsePbkdf2(text) ??
    parseShaCrypt(text) ??
    parseDjango(text) ??
    parseSaltedSha(text)
  );
}

/**
 * What a hash costs, as text: equal for hashes that take the same work to verify. Null for what is no
 * hash.
 */
export function costOf(written: string): string | null {
  const hash = parseHash(written);
  switch (hash?.kind) {
    case undefined:
      return null;
    case 'argon2':
      return `${hash.variant} m=${hash.memory} t=${hash.passes} p=${hash.lanes}`;
    case 'bcrypt':
      return `bcrypt ${hash.cost}`;
    case 'scrypt':
      return `scrypt N=${hash.cost} r=${hash.blockSize} p=${hash.parallelism}`;
    case 'pbkdf2': {
      const blocks = Math.ceil(hash.key.length / DIGESTS[hash.digest]);
      return `pbkdf2 ${hash.digest} ${hash.iterations} ${blocks}`;
    }
    case 'sha-crypt':
      return `sha-crypt ${hash.variant} ${hash.rounds}`;
    case 'salted-sha':
      return `salted ${hash.digest}`;
  }
}

/** Work below which a stolen hash is guessed at a million times a second and more, by kind. */
const LEAST = {
  /** KiB times passes. */
  argon2: 4_096,
  bcrypt: 8,
  /** N·r·p. */
  scrypt: 2 ** 14,
  iterations: 10_000,
  rounds: 5_000,
};

/** Whether a stolen hash is guessed quickly. False for what is no hash. */
export function isQuick(written: string): boolean {
  const hash = parseHash(written);
  switch (hash?.kind) {
    case undefined:
      return false;
    case 'argon2':
      return hash.memory * hash.passes < LEAST.argon2;
    case 'bcrypt':
      return hash.cost < LEAST.bcrypt;
    case 'scrypt':
      return hash.cost * hash.blockSize * hash.parallelism < LEAST.scrypt;
    case 'pbkdf2':
      return hash.iterations < LEAST.iterations;
    case 'sha-crypt':
      return hash.rounds < LEAST.rounds;
    case 'salted-sha':
      return true;
  }
}

function parseArgon2(text: string): ParsedHash | null {
  const groups = capture(ARGON2, text, 7);
  if (groups === null) return null;
  const [name, version, m, t, p, written, end] = groups;
  const variant = VARIANTS.find((one) => one === name);
  const memory = Number(m);
  const passes = Number(t);
  const lanes = Number(p);
  const salt = decode(written);
  const key = decode(end);
  if (variant === undefined) return null;
  if (passes < 1 || lanes < 1 || lanes > 16 || memory < 8 * lanes) return null;
  if (memory > MAX_MEMORY || memory * passes > MAX_ARGON2_WORK) return null;
  if (key.length < MIN_KEY || key.length > MAX_KEY) return null;
  return {
    kind: 'argon2',
    text,
    variant,
    // Before 1.3, hashes did not name their version.
    version: version === '' ? 16 : Number(version),
    memory,
    passes,
    lanes,
    salt,
    key,
  };
}

function parseBcrypt(text: string): ParsedHash | null {
  const cost = Number(BCRYPT.exec(text)?.[1] ?? 0);
  return cost >= 4 && cost <= MAX_BCRYPT_COST ? { kind: 'bcrypt', text, cost } : null;
}

function parseScrypt(text: string): ParsedHash | null {
  const groups = capture(SCRYPT, text, 5);
  if (groups === null) return null;
  const [ln, r, p, salt, key] = groups;
  const cost = 2 ** Number(ln);
  const blockSize = Number(r);
  const parallelism = Number(p);
  if (cost < 2 || blockSize < 1 || parallelism < 1 || parallelism > 16) return null;
  if (128 * cost * blockSize > MAX_MEMORY * 1024) return null;
  if (cost * blockSize * parallelism > MAX_SCRYPT_WORK) return null;
  return keyed(salt, key, (parts) => ({ kind: 'scrypt', cost, blockSize, parallelism, ...parts }));
}

function parsePbkdf2(text: string): ParsedHash | null {
  const groups = capture(PBKDF2, text, 4);
  if (groups === null) return null;
  const [named, count, salt, key] = groups;
  const digest = named === '' ? 'sha1' : named;
  if (!isDigest(digest)) return null;
  const iterations = Number(count);
  const blocks = Math.ceil(decode(key).length / DIGESTS[digest]);
  if (iterations < 1 || iterations > MAX_ITERATIONS) return null;
  if (iterations * blocks > MAX_PBKDF2_WORK) return null;
  return keyed(salt, key, (parts) => ({ kind: 'pbkdf2', digest, iterations, ...parts }));
}

function parseShaCrypt(text: string): ParsedHash | null {
  const groups = capture(SHA_CRYPT, text, 2);
  if (groups === null) return null;
  const rounds = Number(groups[0] || groups[1] || 5000);
  if (rounds < 1000 || rounds > MAX_ROUNDS) return null;
  return { kind: 'sha-crypt', text, variant: text.startsWith('$5$') ? '5' : '6', rounds };
}

function parseDjango(text: string): ParsedHash | null {
  const groups = capture(DJANGO, text, 4);
  if (groups === null) return null;
  const [digest, count, salt, encoded] = groups;
  const key = Buffer.from(encoded, 'base64');
  const iterations = Number(count);
  if (iterations < 1 || iterations > MAX_ITERATIONS) return null;
  if (!isDigest(digest) || key.length !== DIGESTS[digest]) return null;
  return { kind: 'pbkdf2', digest, iterations, salt: Buffer.from(salt, 'utf8'), key };
}

function parseSaltedSha(text: string): ParsedHash | null {
  const groups = capture(SALTED_SHA, text, 2);
  if (groups === null) return null;
  const digest = `sha${groups[0] || '1'}`;
  if (!isDigest(digest)) return null;
  const both = Buffer.from(groups[1], 'base64');
  const length = DIGESTS[digest];
  const salt = both.subarray(length);
  if (salt.length < 4 || salt.length > MAX_SALT) return null;
  return { kind: 'salted-sha', digest, salt, key: both.subarray(0, length) };
}

function keyed(
  salt: string,
  key: string,
  build: (parts: { salt: Buffer; key: Buffer }) => ParsedHash,
): ParsedHash | null {
  const parts = { salt: decode(salt), key: decode(key) };
  if (parts.salt.length === 0) return null;
  return parts.key.length < MIN_KEY || parts.key.length > MAX_KEY ? null : build(parts);
}

function isDigest(name: string): name is Digest {
  return Object.hasOwn(DIGESTS, name);
}

/** Base64 without padding; passlib's dialect writes `.` for `+`. */
function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}
