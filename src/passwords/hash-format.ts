/**
 * Password hashes as text, read into their parts. What costs more than the caps below is
 * no hash to us: a users file must not be able to ask for gigabytes or minutes.
 */

/** A hash with its costs. */
export type ParsedHash =
  | {
      readonly kind: 'argon2';
      readonly variant: 'argon2id' | 'argon2i' | 'argon2d';
      readonly version: number;
      /** KiB. */
      readonly memory: number;
      readonly passes: number;
      readonly length: number;
    }
  | { readonly kind: 'bcrypt' }
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
      readonly digest: string;
      readonly iterations: number;
      readonly salt: Buffer;
      readonly key: Buffer;
    }
  | { readonly kind: 'sha-crypt' };

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

/** The parts of a hash, or null for anything that is none or costs too much. */
export function parseHash(text: string): ParsedHash | null {
  if (text.length > MAX_HASH) return null;
  return (
    parseArgon2(text) ??
    parseBcrypt(text) ??
    parseScrypt(text) ??
    parsePbkdf2(text) ??
    parseShaCrypt(text)
  );
}

function parseArgon2(text: string): ParsedHash | null {
  const match = ARGON2.exec(text);
  if (match === null) return null;
  const [, variant, version, m, t, p, , key] = match as unknown as string[];
  const memory = Number(m);
  const passes = Number(t);
  const lanes = Number(p);
  const length = decode(key as string).length;
  if (passes < 1 || lanes < 1 || lanes > 16 || memory < 8 * lanes) return null;
  if (memory > MAX_MEMORY || memory * passes > MAX_ARGON2_WORK) return null;
  if (length < MIN_KEY || length > MAX_KEY) return null;
  return {
    kind: 'argon2',
    variant: variant as 'argon2id' | 'argon2i' | 'argon2d',
    version: Number(version ?? 16),
    memory,
    passes,
    length,
  };
}

function parseBcrypt(text: string): ParsedHash | null {
  const cost = Number(BCRYPT.exec(text)?.[1] ?? 0);
  return cost >= 4 && cost <= MAX_BCRYPT_COST ? { kind: 'bcrypt' } : null;
}

function parseScrypt(text: string): ParsedHash | null {
  const match = SCRYPT.exec(text);
  if (match === null) return null;
  const [, ln, r, p, salt, key] = match as unknown as [string, ...string[]];
  const cost = 2 ** Number(ln);
  const blockSize = Number(r);
  const parallelism = Number(p);
  if (cost < 2 || blockSize < 1 || parallelism < 1 || parallelism > 16) return null;
  if (128 * cost * blockSize > MAX_MEMORY * 1024) return null;
  if (cost * blockSize * parallelism > MAX_SCRYPT_WORK) return null;
  return keyed(salt, key, (parts) => ({ kind: 'scrypt', cost, blockSize, parallelism, ...parts }));
}

function parsePbkdf2(text: string): ParsedHash | null {
  const match = PBKDF2.exec(text);
  if (match === null) return null;
  const [, digest = 'sha1', count, salt, key] = match;
  const iterations = Number(count);
  if (iterations < 1 || iterations > MAX_ITERATIONS) return null;
  return keyed(salt, key, (parts) => ({ kind: 'pbkdf2', digest, iterations, ...parts }));
}

function parseShaCrypt(text: string): ParsedHash | null {
  const match = SHA_CRYPT.exec(text);
  if (match === null) return null;
  const rounds = Number(match[1] ?? match[2] ?? 5000);
  return rounds >= 1000 && rounds <= MAX_ROUNDS ? { kind: 'sha-crypt' } : null;
}

function keyed(
  salt: string | undefined,
  key: string | undefined,
  build: (parts: { salt: Buffer; key: Buffer }) => ParsedHash,
): ParsedHash | null {
  const parts = { salt: decode(salt ?? ''), key: decode(key ?? '') };
  if (parts.salt.length === 0) return null;
  return parts.key.length < MIN_KEY || parts.key.length > MAX_KEY ? null : build(parts);
}

/** Base64 without padding; passlib's dialect writes `.` for `+`. */
function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}
