import { describe, expect, it } from 'vitest';
import { aUser, someFacts } from '../../../test/support/policy-input.ts';
import { ownWords } from './own-words.ts';

const facts = someFacts({ authority: 'auth.example.com' });

describe('own words', () => {
  it('are names and addresses, whole and in parts, longest first', () => {
    const words = ownWords({ user: aUser(), prompt: null, facts }, 'password');
    expect(words).toEqual(
      expect.arrayContaining(['ann@example.com', 'ann example', 'example', 'ann', 'auth']),
    );
    expect(words.map((word) => word.length)).toEqual(
      words.map((word) => word.length).toSorted((a, b) => b - a),
    );
    expect(new Set(words).size).toBe(words.length);
  });

  it('include the other submitted values, but not the password', () => {
    const prompt = {
      username: 'ＢＯＢ.Builder',
      born: '1990-05-17',
      age: 4242,
      news: null,
      password: 'hunter22hunter',
    };
    const words = ownWords({ user: null, prompt, facts }, 'password');
    expect(words).toEqual(
      expect.arrayContaining(['bob.builder', 'builder', 'bob', '1990-05-17', '1990', '4242']),
    );
    expect(words).not.toContain('null');
    expect(words.join(' ')).not.toContain('hunter');
  });

  it('are bounded for every submission', () => {
    const prompt = Object.fromEntries(
      Array.from({ length: 32 }, (_, i) => [`t${i}`, `w${i}x `.repeat(250) + 'y'.repeat(500)]),
    );
    const words = ownWords({ user: null, prompt, facts }, 'password');
    expect(words.length).toBeLessThanOrEqual(64);
    expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(64);
  });

  it('are not common words', () => {
    const prompt = JSON.parse('{"__proto__":"polluted","constructor":"builder"}');
    const words = ownWords({ user: null, prompt, facts }, '__proto__');
    expect(words).toContain('builder');
    expect(words).not.toContain('polluted');
  });
});
