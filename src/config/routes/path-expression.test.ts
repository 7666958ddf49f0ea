import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../faults/fault.ts';
import type { Spot } from '../faults/spot.ts';
import { linkExpression } from './path-expression.ts';

const location = () => ({ line: 0, col: 0 });
const fault = (_: unknown, message: string): Fault => ({ message }) as Fault;
const link = (text: string) => {
  const faults: Fault[] = [];
  const source = { file: 'doorward.yaml', fault, location } as unknown as Spot['source'];
  return { expression: linkExpression(text, { source, path: [], faults }), faults };
};

describe('a regular expression for paths', () => {
  it.each([
    ['^/case/[a-z]+$', '/case/**'],
    ['^/a/b\\.c/d?$', '/a/b.c/**'],
    ['^\\/a\\/b\\/c$', '/a/b/**'],
    ['^/a%20b/x$', '/a%20b/**'],
    // The slash, or the last letter before it, may be missing.
    ['^/a/b/?$', '/a/**'],
    ['^/a/b/?c$', '/a/**'],
    ['^/a/b?/c$', '/a/**'],
    ['^/a/{2}b$', '/**'],
    ['^/a/(b/)+c$', '/a/**'],
    ['^(?i)/a/b$', '/**'],
    ['^(/a/b|/c/d)$', '/**'],
    ['^/x\\*y/z$', '/**'],
  ])('%s ranks before %s', (text, below) => {
    expect(link(text)).toMatchObject({ expression: { below }, faults: [] });
  });

  it.each([
    ['^/my files/x$', '%20 in place of " "'],
    ['^/a\\ b$', '%20 in place of " "'],
    ['^/a"b$', '%22 in place of """'],
    ['^/a\\[1\\]$', '%5B in place of "["'],
    ['^/a\\?b$', '%3F in place of "?"'],
    ['^/a\\\\b$', '%5C in place of "\\"'],
    ['^/{id}/edit$', '%7B in place of "{"'],
    ['^/%41dmin$', 'A in place of "%41"'],
    ['^/a\\%2Eb$', '. in place of "%2E"'],
  ])('%s has a fault, because it would guard nothing', (text, spelled) => {
    const { expression, faults } = link(text);
    expect(expression).toBeNull();
    expect(faults).toMatchObject([{ message: expect.stringContaining(spelled) }]);
  });

  it.each([
    '^/a%20b$',
    '^/@scope%2Fname$',
    '^/a\\%7Cb$',
    '^/a{2,3}(b|c)?[ "x]$',
    "^/it's\\+1;v=1$",
  ])('%s has none', (text) => {
    expect(link(text).faults).toEqual([]);
  });

  it('matches no path outside the pattern that it ranks before', () => {
    const parts = fc.constantFrom(
      '/',
      'a',
      'b',
      '/a',
      '/b',
      '?',
      '*',
      '{2}',
      '(/a)',
      '(a|/b)',
      '\\.',
    );
    const paths = fc
      .array(fc.constantFrom('a', 'b', 'ab', '.', 'a.'), { maxLength: 4 })
      .map((names) => `/${names.join('/')}`);
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 6 }), paths, (text, path) => {
        const { expression } = link(`^/${text.join('')}$`);
        if (expression?.matches(path) !== true) return;
        expect(`${path}/`.startsWith(expression.below.slice(0, -2))).toBe(true);
      }),
    );
  });

  it('without regard to case, matches what it matches in any case', () => {
    const atoms = fc.constantFrom(
      'a',
      'B',
      '[a-c]',
      '[^ab]',
      '[^A-Za-z]',
      '[^a-c]',
      '\\w',
      '\\W',
      '[[:upper:]]',
      '[[:^upper:]]',
      '.',
      '(?i)',
      '\\pL',
      '\\P{Lu}',
      '\\x41',
    );
    const names = fc.string({ unit: fc.constantFrom('a', 'b', 'C', 'd', '-'), maxLength: 3 });
    fc.assert(
      fc.property(fc.array(atoms, { maxLength: 3 }), names, (text, name) => {
        const { expression } = link(`^/${text.join('')}$`);
        if (expression === null) return;
        const spelled = Array.from(name).reduce<string[]>(
          (before, char) =>
            before.flatMap((one) => [one + char.toLowerCase(), one + char.toUpperCase()]),
          ['/'],
        );
        expect(expression.matchesAnyCase(`/${name}`)).toBe(spelled.some(expression.matches));
      }),
    );
  });
});
