import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { formatFaults } from '../faults/fault.ts';
import { readDocument } from './document.ts';
import type { Source } from '../faults/source.ts';

const whole = (text: string) => readDocument('x.yaml', text, Number.MAX_SAFE_INTEGER);
/** Cut wherever it may be. */
const inPieces = (text: string) => readDocument('x.yaml', text, 0);

/** Line and column of everything in it. */
function places(source: Source, path: (string | number)[] = []): string[] {
  const { line, col } = source.location(path);
  let inner: unknown = source.value;
  for (const step of path) inner = (inner as Record<string | number, unknown>)[step];
  const isHeld = typeof inner === 'object' && inner !== null;
  const keys = isHeld ? Object.keys(inner as object) : [];
  const steps = Array.isArray(inner) ? keys.map(Number) : keys;
  const here = `${path.join('.')} ${line}:${col}`;
  return [here, ...steps.flatMap((step) => places(source, [...path, step]))];
}

describe('a long document', () => {
  const scalar = fc.constantFrom<unknown>(
    null,
    true,
    0,
    'yes',
    '10.0.0.0/8',
    'a: b',
    '# no',
    '- no',
    'two\nlines',
    '\n  three\nlines\n\n',
    `${'long '.repeat(30)}end`,
    '"quoted" text',
    '2027-01-31',
  );
  const tree = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-y1-3][a-y-]{0,4}$/), tie('tree'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  })).tree;
  const mapping = fc.dictionary(fc.stringMatching(/^[a-y1-3][a-y-]{0,4}$/), tree, {
    minKeys: 1,
    noNullPrototype: true,
  });
  const style = fc.record({
    indent: fc.constantFrom(2, 4),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 20, 80),
    defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_FOLDED'),
    collectionStyle: fc.constantFrom('any', 'flow'),
  } as const);

  it('means in pieces what it means as a whole, each value in its place', () => {
    fc.assert(
      fc.property(mapping, style, (value, how) => {
        const text = stringify(value, { ...how, aliasDuplicateObjects: false });
        const one = whole(text);
        const many = inPieces(text);
        expect(many.faults).toEqual(one.faults);
        expect(many.source.value).toEqual(one.source.value);
        expect(places(many.source)).toEqual(places(one.source));
      }),
    );
  });

  it.each([
    ['a key twice, with members below it', 'a:\n  - 1\nb: 2\na:\n  - 3\n'],
    ['a member twice', 'a:\n  b: 1\n  c: 2\n  b: 3\n'],
    ['a key that is not allowed', '__proto__:\n  - 1\nb: 1\n'],
    ['a member that is not allowed', 'a:\n  constructor: 1\n'],
    ['an item less far in than the first', 'a:\n    - 1\n  - 2\n'],
    ['an item further in than the first', 'a:\n  - 1\n    - 2\n'],
    ['a list and a mapping under one key', 'a:\n  - 1\n  b: 2\n'],
    ['a mapping and a list under one key', 'a:\n  b: 2\n  - 1\n'],
    ['no key', 'a: 1\nb\n'],
    ['no mapping', '- 1\n- 2\n'],
    ['a list behind a mapping', 'a: 1\n- 2\n'],
    ['more than a key on the line of a key', 'a: b: 1\n'],
    ['all of it further in', '  a: 1\nb: 2\n'],
    ['a bracket that stays open', 'a:\n  - [1, 2\n  - 3\n'],
    ['a quote that stays open', 'a:\n  - "1\n  - 3\n'],
    ['a tab', 'a:\n\t- 1\n'],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['a directive', '%YAML 1.1\n---\na: yes\n'],
    ['a tag', 'a: !!js/function x\nb:\n  - !x 1\n'],
  ])('with %s has the faults it has as a whole', (_, text) => {
    const told = formatFaults(whole(text).faults);
    expect(told).not.toBe('');
    expect(formatFaults(inPieces(text).faults)).toBe(told);
  });

  it.each([
    [
      'blocks of text with what looks like keys',
      'a: |\n  b: 1\n  - 2\n\n  c\nb:\n  - >-\n    x: 1\n\n   \n  - 2\n',
    ],
    [
      'comments and blank lines',
      '# c\n\na: # c\n\n  # c\n  - 1 # c\n\n# c\n  - 2\n# c\nb: # c\n# c\n',
    ],
    ['lists at the margin', 'a:\n- 1\n- b: 2\n  c: 3\nb:\n- - 4\n'],
    ['texts over several lines', 'a: one\n  two\n\n  three\nb:\n  - "x\n    y: 1"\n  - x\n    y\n'],
    ['brackets over several lines', 'a:\n  - { b: [1,\n      2], c: 3 }\n  - 4\nb: {\n  c: 1 }\n'],
    ['keys in quotes and numbers', '"a b":\n  2: 1\n  1: 2\n3: x\n\'c\': y\n'],
    ['carriage returns', 'a:\r\n  - 1\r\n  - 2\r\nb: x\r\n'],
    ['keys without a value', 'a:\nb:\nc: 1\n'],
  ])('may have %s', (_, text) => {
    const one = whole(text);
    const many = inPieces(text);
    expect(one.faults).toEqual([]);
    expect(many.faults).toEqual([]);
    expect(many.source.value).toEqual(one.source.value);
    expect(places(many.source)).toEqual(places(one.source));
  });

  it('that is too long to be read as a whole tells its faults with their lines all the same', () => {
    const routes = Array.from({ length: 20_000 }, (_, i) => `  - { id: app-${i}, host: h${i} }\n`);
    routes[15_000] = '  - { id: x, host: ] }\n';
    const { faults } = readDocument('x.yaml', `routes:\n${routes.join('')}`);
    expect(faults[0]).toMatchObject({ line: 15_002, source: '  - { id: x, host: ] }' });
  });
});
