import { describe, expect, it } from 'vitest';
import { isNamed, nameAt, pairCount, pairsOf, valueAt } from './header-pairs.ts';

const RAW = ['Host', 'wiki.example.com', 'X-Empty', ''];

describe('a raw header list', () => {
  it('returns names and values in pairs, including empty values', () => {
    expect([pairCount(RAW), nameAt(RAW, 1), valueAt(RAW, 0), valueAt(RAW, 1)]).toEqual([
      2,
      'X-Empty',
      'wiki.example.com',
      '',
    ]);
    expect(pairsOf(RAW)).toEqual([
      ['Host', 'wiki.example.com'],
      ['X-Empty', ''],
    ]);
  });

  it('ignores a name without a value, and is empty past its end', () => {
    expect(pairCount([...RAW, 'Odd'])).toBe(2);
    expect([nameAt([], 0), valueAt([], 0), pairsOf([])]).toEqual(['', '', []]);
  });
});

describe('a name', () => {
  it.each([
    ['Sec-Fetch-Mode', 'sec-fetch-mode', true],
    ['HOST', 'host', true],
    ['', '', true],
    ['Hosts', 'host', false],
    ['Ghost', 'host', false],
    // Differ from a letter or hyphen by the bit that distinguishes cases.
    ['X\rA', 'x-a', false],
    ['X-@', 'x-`', false],
  ])('%j is %j: %j', (name, lower, expected) => {
    expect(isNamed(name, lower)).toBe(expected);
  });
});
