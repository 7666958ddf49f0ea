/** The text of tokens. */
import { randomBytes } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../values/crc32.ts';
import { isTokenLike, newTokenText, tokenIdOf, TOKEN_LENGTH } from './token.ts';

const systemRandom = { token: (bytes: number) => randomBytes(bytes).toString('base64url') };

/** A text that any secret scanner with this form and checksum finds. */
const KNOWN = 'dwt_AbCdEfG0123456789abcdefghijklmnopq0YqIgF';

describe('the text of a token', () => {
  it('has the prefix, forty letters and digits, and its id', () => {
    for (let i = 0; i < 100; i += 1) {
      const { id, text } = newTokenText(systemRandom);
      expect(text).toMatch(/^dwt_[0-9A-Za-z]{40}$/);
      expect(text).toHaveLength(TOKEN_LENGTH);
      expect(text.slice(4, 11)).toBe(id);
      expect(tokenIdOf(text)).toBe(id);
      expect(isTokenLike(text)).toBe(true);
    }
  });

  it('uses all letters and digits alike', () => {
    const seen = new Map<string, number>();
    const total = 2_000 * 34;
    for (let i = 0; i < 2_000; i += 1) {
      for (const char of newTokenText(systemRandom).text.slice(4, 38)) {
        seen.set(char, (seen.get(char) ?? 0) + 1);
      }
    }
    expect(seen.size).toBe(62);
    // Six standard deviations.
    for (const count of seen.values()) expect(Math.abs(count - total / 62)).toBeLessThan(200);
  });

  it('has a checksum that other programs can compute', () => {
    const body = KNOWN.slice(4, 38);
    expect(parse62(KNOWN.slice(38))).toBe(zlibCrc32(body));
    expect(tokenIdOf(KNOWN)).toBe('AbCdEfG');
  });

  it('is refused with one character changed, left out, or added', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: TOKEN_LENGTH - 1 }),
        fc.constantFrom('a', 'Z', '0', '9', '_', '-', ' ', 'é', '\n'),
        (at, char) => {
          const rest = KNOWN.slice(at + 1);
          const changed = KNOWN.slice(0, at) + char + rest;
          expect(tokenIdOf(changed)).toBe(changed === KNOWN ? 'AbCdEfG' : null);
          expect(tokenIdOf(KNOWN.slice(0, at) + rest)).toBeNull();
          expect(tokenIdOf(KNOWN.slice(0, at) + char + KNOWN.slice(at))).toBeNull();
        },
      ),
    );
  });
});

describe('the checksum of a text', () => {
  it('is that of zlib', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        expect(crc32(text)).toBe(zlibCrc32(Buffer.from(text, 'latin1')));
      }),
    );
  });
});

function parse62(text: string): number {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return Array.from(text).reduce((value, digit) => value * 62 + digits.indexOf(digit), 0);
}
