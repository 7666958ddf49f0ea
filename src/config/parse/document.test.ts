import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { readDocument } from './document.ts';
import { MAX_DEPTH, MAX_YAML_BYTES } from './yaml-weight.ts';

/** A text repeated up to the maximum size of a file. */
function fill(unit: string): string {
  return unit.repeat(Math.floor(MAX_YAML_BYTES / Buffer.byteLength(unit)));
}

describe('a document', () => {
  it('has the values it was written with', () => {
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(null, true, false, 0, 1.5, 'yes', '10.0.0.0/8', 'a: b', '# no'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,8}$/), tie('tree'), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      ),
    })).tree;
    fc.assert(
      fc.property(value, (tree) => {
        const keys = JSON.stringify(tree);
        fc.pre(!/"(?:constructor|prototype)"/.test(keys));
        const { source, faults } = readDocument(
          'x.yaml',
          stringify(tree, { aliasDuplicateObjects: false }),
        );
        expect(faults).toEqual([]);
        expect(source.value).toEqual(tree);
      }),
    );
  });

  it('gives the line of a value, of a key, and of the nearest ancestor of a missing value', () => {
    const { source } = readDocument('x.yaml', 'a:\n  - b: 1\n    c: [2, 3]\n');
    const place = (path: (string | number)[], aim?: 'key') => {
      const { line, col } = source.fault(path, '', null, aim);
      return [line, col];
    };
    expect(place(['a', 0, 'c', 1])).toEqual([3, 12]);
    expect(place(['a', 0, 'c'], 'key')).toEqual([3, 5]);
    expect(place(['a', 0, 'missing'])).toEqual([2, 5]);
    expect(place(['nothing'])).toEqual([1, 1]);
  });

  it.each([
    ['brackets', fill('[')],
    ['braces', fill('{')],
    ['dashes', fill('- ')],
    ['question marks', fill('? ')],
    ['indentation', Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    [
      'dashes over several lines',
      Array.from({ length: 20 }, (_, i) => ' '.repeat(i * 120) + '- '.repeat(60)).join('\n'),
    ],
  ])('that is nested too deeply by %s is refused before it is parsed', (_, text) => {
    const { source, faults } = readDocument('x.yaml', text);
    expect(faults.map((f) => f.message)).toEqual([
      `expected at most ${MAX_DEPTH} levels of nesting`,
    ]);
    expect(source.value).toBeNull();
  });

  it.each([
    ['keys', fill('a:\n'), 'expected at most 1000000 YAML tokens'],
    ['quotes', fill('"'), 'expected at most 1000000 YAML tokens'],
    ['keys within brackets', `{${fill('a,').slice(4)}}`, 'expected at most 1000000 YAML tokens'],
    [
      'keys beside an anchor',
      `a: &a 1\n${fill('b:\n').slice(9)}`,
      'expected at most 200000 YAML tokens',
    ],
    ['anchors', fill('&a '), 'expected at most 200 anchors and aliases'],
    ['aliases', `a: &a 1\n${'b: *a\n'.repeat(300)}`, 'expected at most 200 anchors and aliases'],
    ['bytes', `a: ${'x'.repeat(MAX_YAML_BYTES)}`, 'expected at most 2048 KiB'],
  ])('with too many %s is refused before it is parsed', (_, text, message) => {
    expect(readDocument('x.yaml', text).faults.map((f) => f.message)).toEqual([message]);
  });

  it('of the maximum depth is parsed', () => {
    const text = '['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH);
    expect(readDocument('x.yaml', text).faults).toEqual([]);
  });

  it('whose aliases grow with every line is refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i += 1) {
      const all = Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ');
      lines.push(`a${i}: &a${i} [${all}]`);
    }
    const { faults } = readDocument('x.yaml', lines.join('\n'));
    expect(faults[0]?.message).toContain('aliases');
  });

  it('with sixty thousand faults reports a hundred of them', () => {
    const { faults } = readDocument('x.yaml', `{${'a,'.repeat(60_000)}}`);
    expect(faults).toHaveLength(100);
  });

  it.each(['__proto__: 1', 'constructor: 1', 'a: { prototype: 1 }', '"__proto__": { b: 1 }'])(
    '%s never reaches an object',
    (text) => {
      expect(readDocument('x.yaml', text).faults[0]?.message).toContain('not allowed anywhere');
      expect(({} as { b?: number }).b).toBeUndefined();
    },
  );

  it.each([
    ['a: 1\na: 2', 'duplicate key'],
    ['a: &x { b: 1 }\nc: { <<: *x }', 'merge keys'],
    ['a: !!js/function x', 'Unresolved tag'],
    ['a: .nan', 'finite number'],
    ['a: 1\n---\nb: 2', 'not valid YAML'],
    ['a: *b', 'no anchor'],
    ['[a]: 1', 'text as a key'],
  ])('%j is a fault', (text, message) => {
    expect(readDocument('x.yaml', text).faults[0]?.message).toContain(message);
  });
});
