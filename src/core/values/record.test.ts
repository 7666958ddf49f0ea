import { expect, test } from 'vitest';
import { codeOf, fieldsOf, isRecord, valueAt } from './record.ts';

test.each([null, undefined, 'text', 1, true, ['list']])(
  '%j is not a record and has no fields',
  (value) => {
    expect(isRecord(value)).toBe(false);
    expect(fieldsOf(value)).toEqual({});
  },
);

test('objects and errors are records', () => {
  expect(isRecord({})).toBe(true);
  expect(fieldsOf({ a: 1 })).toEqual({ a: 1 });
  expect(isRecord(new Error('any'))).toBe(true);
});

test('reads the code of a system error, and none from other values', () => {
  expect(codeOf(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(codeOf({ code: 5 })).toBe('');
  expect(codeOf('ENOENT')).toBe('');
});

test('reads a value at a path of own keys, and nothing that objects inherit', () => {
  expect(valueAt({ a: { b: 1 } }, ['a', 'b'])).toBe(1);
  expect(valueAt({ a: 'text' }, ['a', 'length'])).toBeUndefined();
  expect(valueAt({}, ['constructor'])).toBeUndefined();
  expect(valueAt('whole', [])).toBe('whole');
});
