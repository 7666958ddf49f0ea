import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowMatch } from '../../../test/support/slow-matcher.ts';
import { ANY_NAME } from '../request/path-text.ts';
import { pathTree } from './path-tree.ts';

const find = (patterns: readonly string[], path: string) =>
  pathTree(patterns, (p) => p).find(path, () => true);

// One more than a node compares in turn.
const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const segment = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...many));
const names = fc.oneof(segment, fc.constantFrom('ab', 'aba', 'abab', 'a.b', 'ba'));
// Names that some of the globs below match.
const starred = ['ab', 'ba', 'aa', 'abb', 'bba', 'xb', 'xbx', 'axa'];
const wild = fc.constantFrom('*', 'a*', '*a', '*b', 'a*b', 'ab*', '*b*', 'a*a*', '*ab*');
const pattern = fc
  .tuple(fc.array(fc.oneof(names, wild), { maxLength: 4 }), fc.boolean())
  .map(([segments, deep]) => `/${[...segments, ...(deep ? ['**'] : [])].join('/')}`);
const path = fc
  .tuple(fc.array(names, { maxLength: 5 }), fc.boolean())
  .map(([segments, slash]) => `/${segments.join('/')}${slash && segments.length > 0 ? '/' : ''}`);

describe('path patterns', () => {
  it.each([
    [['/**'], '/', '/**'],
    [['/a/**'], '/a', '/a/**'],
    [['/a/**'], '/a/', '/a/**'],
    [['/a/**'], '/ab', null],
    [['/a'], '/a/', '/a'],
    [['/a'], '/a/b', null],
    [['/*'], '/', null],
    [['/**', '/a/**', '/a/b'], '/a/b', '/a/b'],
    [['/**', '/a/**', '/a/b'], '/a/c', '/a/**'],
    [['/*/b', '/a/*'], '/a/b', '/a/*'],
    [['/a/*', '/a/**'], '/a/b', '/a/*'],
    [['/a/**', '/*/b/c'], '/a/b/c', '/a/**'],
    [['/a/b/**', '/a/*/c'], '/a/b/c', '/a/b/**'],
    [['/a/b/d', '/a/*/c'], '/a/b/c', '/a/*/c'],
    [['/__proto__', '/**'], '/__proto__', '/__proto__'],
    [['/**'], '/constructor', '/**'],
    [['/a/'], '/a', '/a/'],
    [['/'], '/', '/'],
    [['/ab'], '/ac', null],
    [['/api/*.json'], '/api/a.json', '/api/*.json'],
    [['/api/*.json'], '/api/.json', '/api/*.json'],
    [['/api/*.json'], '/api/a.json.bak', null],
    [['/api/*.json'], '/api/a/b.json', null],
    [['/static-*/**'], '/static-1/a/b', '/static-*/**'],
    [['/static-*/**'], '/static-1', '/static-*/**'],
    [['/static-*/**'], '/static/a', null],
    [['/a*b/c'], '/ab/c', '/a*b/c'],
    [['/a*a'], '/a', null],
    [['/*ab*b'], '/aab', null],
    [['/*ab*b'], '/aabab', '/*ab*b'],
    [['/abc', '/ab*', '/a*', '/*'], '/abc', '/abc'],
    [['/abc', '/ab*', '/a*', '/*'], '/abd', '/ab*'],
    [['/abc', '/ab*', '/a*', '/*'], '/ad', '/a*'],
    [['/abc', '/ab*', '/a*', '/*'], '/d', '/*'],
    [['/ab*/c', '/a*/d'], '/ab/d', '/a*/d'],
    [['/a*/**', '/*/b'], '/a/b', '/a*/**'],
    // The star stands for characters: not for a part of an escape, and for an encoded slash.
    [['/a*9'], '/a%C3%A9', null],
    [['/%C3%A9*'], '/%C3%A9%C3%A9', '/%C3%A9*'],
    [['/a*b'], '/a%2Fb', '/a*b'],
    // As long as the escapes are, these weigh one character each.
    [['/%C3%A9*', '/*ab'], '/%C3%A9ab', '/*ab'],
    [['/'], '/a', null],
  ])('%j: %s matches %s', (patterns, given, expected) => {
    expect(find(patterns, given)).toBe(expected);
  });

  it('are chosen as by a simple matcher that scores every pattern', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 10 }), path, (patterns, given) => {
        expect(find(patterns, given)).toBe(slowMatch(patterns, given));
      }),
    );
  });

  it('leave a request to the next best pattern that accepts it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(pattern, { maxLength: 10 }),
        fc.func(fc.boolean()),
        path,
        (patterns, accepts, given) => {
          const accepted = patterns.filter((p) => accepts(p));
          const found = pathTree(patterns, (p) => p).find(given, (p) => accepts(p));
          expect(found).toBe(slowMatch(accepted, given));
        },
      ),
    );
  });

  it('do not depend on their order in the configuration', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 10 }), path, (patterns, given) => {
        expect(find(patterns.toReversed(), given)).toBe(find(patterns, given));
      }),
    );
  });

  it('are found for every name that a short name may stand for', () => {
    const anySegment = fc.oneof(names, fc.constant(ANY_NAME));
    const patterns = fc.uniqueArray(pattern, { maxLength: 8 });
    fc.assert(
      fc.property(patterns, fc.array(anySegment, { maxLength: 4 }), (given, segments) => {
        const tree = pathTree(given, (p) => p);
        const found = tree.findAny(`/${segments.join('/')}`, {
          accepts: () => true,
          isForSome: () => false,
        });
        const spelled = segments.reduce<string[]>(
          (paths, one) =>
            paths.flatMap((before) =>
              (one === ANY_NAME ? [...many, ...starred, 'other'] : [one]).map(
                (name) => `${before}/${name}`,
              ),
            ),
          [''],
        );
        const each = new Set(spelled.map((one) => tree.find(one || '/', () => true)));
        expect([...found]).toEqual(expect.arrayContaining([...each]));
        expect(found.has(null)).toBe(each.has(null));
      }),
      { numRuns: 50 },
    );
  });

  it.each([1, 8, 9, 20])('are found among %i others', (count) => {
    const patterns = Array.from({ length: count }, (_, i) => `/p${i}/**`);
    const given = [...patterns, '/*'];
    for (const [i, one] of patterns.entries()) {
      expect(find(given, `/p${i}`)).toBe(one);
      expect(find(given, `/p${i}/x/y`)).toBe(one);
    }
    expect(find(given, '/other')).toBe('/*');
    expect(find(patterns, '/other')).toBeNull();
    expect(find(patterns, '/p')).toBeNull();
  });

  it.each(['/a', '/a/**', '/a/*'])('that are equal (%s) are tried in their order', (same) => {
    const tree = pathTree(['first', 'second', 'third'], () => same);
    const given = same.replaceAll('*', 'x');
    expect(tree.find(given, () => true)).toBe('first');
    expect(tree.find(given, (value) => value !== 'first')).toBe('second');
    expect(tree.find(given, (value) => value === 'third')).toBe('third');
    expect(tree.find(given, () => false)).toBeNull();
  });
});
