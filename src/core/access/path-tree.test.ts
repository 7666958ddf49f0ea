import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowMatch } from '../../../test/support/slow-matcher.ts';
import { pathTree } from './path-tree.ts';

const find = (patterns: readonly string[], path: string) =>
  pathTree(patterns, (p) => p).find(path, () => true);

const segment = fc.constantFrom('a', 'b', 'c');
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
  ])('of %j the one for %s is %s', (patterns, given, expected) => {
    expect(find(patterns, given)).toBe(expected);
  });

  it('are chosen as the slow and obvious matcher chooses', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 10 }), path, (patterns, given) => {
        expect(find(patterns, given)).toBe(slowMatch(patterns, given));
      }),
    );
  });

  it('fall back to the next best that is accepted', () => {
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

  it('do not depend on the order in which they stand', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 10 }), path, (patterns, given) => {
        expect(find(patterns.toReversed(), given)).toBe(find(patterns, given));
      }),
    );
  });
});
