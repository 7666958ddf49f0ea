/**
 * SHA-crypt, `$5$` and `$6$`, after Ulrich Drepper's specification (version 0.6). Only
 * verifies; slow by design, so only ever called off the event loop.
 */
import { createHash, hash as digestOf, timingSafeEqual } from 'node:crypto';
import { capture } from '../core/values/capture.ts';

const HASH = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]{0,16})\$([./0-9A-Za-z]+)$/;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Whether the password gives the hash. The caller has capped the rounds. */
export function verifyShaCrypt(hash: string, password: string): boolean {
  const groups = capture(HASH, hash, 4);
  if (groups === null) return false;
  const [variant, rounds, salt, expected] = groups;
  const algorithm = variant === '5' ? 'sha256' : 'sha512';
  const digest = shaCrypt(
    algorithm,
    Buffer.from(password, 'utf8'),
    Buffer.from(salt, 'utf8'),
    rounds === '' ? 5000 : Number(rounds),
  );
  const given = Buffer.from(encode(digest), 'latin1');
  const wanted = Buffer.from(expected, 'latin1');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function shaCrypt(algorithm: string, password: Buffer, salt: Buffer, rounds: number): Buffer {
  const hash = (...parts: readonly Uint8Array[]): Buffer => {
    const context = createHash(algorithm);
    for (const part of parts) context.update(part);
    return context.digest();
  };
  const alternate = hash(password, salt, password);
  const parts: Uint8Array[] = [password, salt, stretch(alternate, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) {
    parts.push((bits & 1) === 1 ? alternate : password);
  }
  const digest = hash(...parts);
  const p = stretch(hash(repeat(password, password.length)), password.length);
  const s = stretch(hash(repeat(salt, 16 + digest.readUInt8(0))), salt.length);
  return runRounds({ algorithm, begin: digest, p, s, rounds });
}

interface Rounds {
  readonly algorithm: string;
  /** The digest that the first round hashes. */
  readonly begin: Buffer;
  /** The byte sequences P and S of the specification: from the password, and from the salt. */
  readonly p: Buffer;
  readonly s: Buffer;
  readonly rounds: number;
}

/**
 * The rounds, nearly all of the work. A round hashes one of few sequences of digest, password and salt
 * (by its number modulo 2, 3 and 7: 42 in all), so each has a buffer of its own in which only the digest changes:
 * one call of OpenSSL a round takes half the time that an object with four updates takes.
 */
function runRounds({ algorithm, begin, p, s, rounds }: Rounds): Buffer {
  const sequences = Array.from({ length: 42 }, (_, round) => {
    const isOdd = round % 2 === 1;
    const before = [
      ...(isOdd ? [p] : [begin]),
      ...(round % 3 === 0 ? [] : [s]),
      ...(round % 7 === 0 ? [] : [p]),
    ];
    const offset = isOdd ? Buffer.concat(before).length : 0;
    return { input: Buffer.concat([...before, isOdd ? begin : p]), offset };
  });
  let digest = begin;
  for (let left = rounds; left > 0; left -= sequences.length) {
    for (const { input, offset } of sequences.slice(0, left)) {
      input.set(digest, offset);
      digest = digestOf(algorithm, input, 'buffer');
    }
  }
  return digest;
}

/** `source` over and over until `length` bytes are there. */
function stretch(source: Buffer, length: number): Buffer {
  return Buffer.alloc(length, source.length === 0 ? 0 : source);
}

function repeat(source: Buffer, times: number): Buffer {
  return stretch(source, source.length * times);
}

/** The specification's base64: bytes in a fixed odd order, six bits at a time from the low end. */
function encode(digest: Buffer): string {
  const third = Math.floor(digest.length / 3);
  const isShort = digest.length === 32;
  const byte = (index: number): number => digest.readUInt8(index);
  let text = '';
  let triple: readonly [number, number, number] = [0, third, 2 * third];
  for (let i = 0; i < third; i += 1) {
    const [a, b, c] = triple;
    text += sextets((byte(a) << 16) | (byte(b) << 8) | byte(c), 4);
    triple = isShort ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1];
  }
  return isShort ? text + sextets((byte(31) << 8) | byte(30), 3) : text + sextets(byte(63), 2);
}

function sextets(value: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i += 1) text += ALPHABET[(value >> (6 * i)) & 63];
  return text;
}
