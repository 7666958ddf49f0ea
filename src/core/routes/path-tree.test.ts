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
const pattern = fc
  .tuple(fc.array(fc.oneof(segment, fc.constant('*')), { maxLength: 4 }), fc.boolean())
  .map(([segments, deep]) => `/${[...segments, ...(deep ? ['**'] : [])].join('/')}`);
const path = fc
  .tuple(fc.array(segment, { maxLength: 5 }), fc.boolean())
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
    const anySegment = fc.oneof(segment, fc.constant(ANY_NAME));
    const patterns = fc.uniqueArray(pattern, { maxLength: 8 });
    fc.assert(
      fc.property(patterns, fc.array(anySegment, { maxLength: 4 }), (given, segments) => {
        const tree = pathTree(given, (p) => p);
        const found = tree.findAny(`/${segments.join('/')}`, () => true);
        const spelled = segments.reduce<string[]>(
          (paths, one) =>
            paths.flatMap((before) =>
              (one === ANY_NAME ? [...many, 'other'] : [one]).map((name) => `${before}/${name}`),
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
