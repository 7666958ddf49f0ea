import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generatePassphrase } from './passphrase.ts';
import { WORDS } from './words.ts';

const random = { token: (bytes: number) => randomBytes(bytes).toString('base64url') };
const fixed = (byte: number) => ({
  token: (bytes: number) => Buffer.alloc(bytes, byte).toString('base64url'),
});

describe('passphrases', () => {
  it('have 1024 different short words to choose from', () => {
    expect(new Set(WORDS).size).toBe(1024);
    expect(WORDS.filter((word) => !/^[a-z]{3,8}$/.test(word))).toEqual([]);
  });

  it('are three words and four digits, and differ', () => {
    const made = Array.from({ length: 500 }, () => generatePassphrase(random));
    expect(made.filter((p) => !/^[a-z]+-[a-z]+-[a-z]+-[0-9]{4}$/.test(p))).toEqual([]);
    expect(new Set(made).size).toBe(500);
  });

  it('use every bit they are given', () => {
    expect(generatePassphrase(fixed(0))).toBe(`${WORDS[0]}-${WORDS[0]}-${WORDS[0]}-0000`);
    const last = WORDS[1023];
    expect(generatePassphrase(fixed(255))).toBe(
      `${last}-${last}-${last}-${(2 ** 34 - 1) % 10_000}`,
    );
  });
});
