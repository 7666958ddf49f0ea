import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSimpleEntries } from './simple-entries.ts';

const WORDS = (
  'a true False null - ~ 3 0x1 1e3 .5 # " \' [ ] & * ! @ % | > \\ ( / + é \u00a0 : ,' as string
)
  .split(' ')
  .concat(' ', ': ', ', ', '{ ', ' }');
const asYaml = (lines: readonly string[]): unknown =>
  (parse(`users:\n${lines.join('\n')}\n`) as { users: unknown }).users;

describe('simple entries of a users file', () => {
  it('are read without the YAML library', () => {
    const lines = [
      '  # the north',
      '  ann:',
      '    displayname: Ann Example (Berlin)',
      '    email: ann@example.com',
      '    password: "$argon2id$v=19$m=65536,t=3,p=4$c29t$iUr0/y4tJvP"',
      '',
      "    password_changed: '2026-11-23'",
      '    groups: [staff, a b]',
      '    disabled: false',
      '    attributes: { department: legal, floor: 3 }',
      '  bob.b-7:',
      "    password: '$6$x'",
      '    groups: []',
    ];
    const read = readSimpleEntries(lines);
    expect(read?.length).toBe(2);
    expect(Object.fromEntries(read ?? [])).toEqual(asYaml(lines));
  });

  it.each([
    ['an escape', '    displayname: "a\\n"'],
    ['a quote in quotes', "    displayname: 'it''s'"],
    ['a comment after a value', '    displayname: Ann # me'],
    ['an anchor', '    displayname: &a Ann'],
    ['an alias', '    displayname: *a'],
    ['a tag', '    displayname: !!str Ann'],
    ['a block', '    displayname: >-'],
    ['a nested map', '    attributes: { a: { b: c } }'],
    ['nothing', '    displayname:'],
    ['null', '    displayname: Null'],
    ['a float', '    displayname: 1.5'],
    ['a date', '    password_changed: 2026-11-23'],
    ['a key twice', '    password: x'],
    ['a deeper line', '      more: text'],
    ['a line between', '   more: text'],
    ['a line at the left', 'more: text'],
    ['a line feed of Windows', '    displayname: Ann\r'],
    ['a tab', '    displayname:\tAnn'],
    ['a prototype', '    __proto__: x'],
    ['a name that is no text', '  null:'],
  ])('are left to the YAML library with %s', (_, line) => {
    expect(readSimpleEntries(['  ann:', '    password: x', line, '    email: a@b.c'])).toBeNull();
  });

  it('mean the same as in the YAML library, whatever they contain', () => {
    const word = fc.constantFrom(...WORDS);
    const value = fc.array(word, { maxLength: 6 }).map((words) => words.join(''));
    const wrapped = fc.tuple(
      value,
      fc.constantFrom('x', '"x"', "'x'", '[x]', '[x, x]', '{ a: x }', 'ax'),
    );
    const written = wrapped.map(([text, form]) => form.replaceAll('x', () => text));
    const isSame = fc.property(written, written, (one, two) => {
      const lines = ['  ann:', `    email: ${one}`, '  bob:', `    email: ${two}`, '    more: x'];
      const read = readSimpleEntries(lines);
      return read === null || isDeepStrictEqual(Object.fromEntries(read), asYaml(lines));
    });
    expect(() => fc.assert(isSame)).not.toThrow();
  });
});
