import { expect, test } from 'vitest';
import { isJson } from './json.ts';

test.each([null, true, 1, 'text', [], [1, ['a']], {}, { a: { b: [null] } }])(
  '%j is JSON',
  (value) => {
    expect(isJson(value)).toBe(true);
  },
);

test.each([undefined, 1n, Symbol('a'), () => 1, [undefined], { a: { b: undefined } }])(
  'a value that JSON cannot express is not JSON (case %#)',
  (value) => {
    expect(isJson(value)).toBe(false);
  },
);
