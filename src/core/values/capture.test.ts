import { expect, test } from 'vitest';
import { capture } from './capture.ts';

test('returns the groups of a match, without the match itself', () => {
  expect(capture(/^(\w+):(\d+)$/, 'app:80', 2)).toEqual(['app', '80']);
});

test('a group that took no part is empty', () => {
  expect(capture(/^(\w+)(?::(\d+))?$/, 'app', 2)).toEqual(['app', '']);
});

test('a text that does not match has no groups', () => {
  expect(capture(/^(\d+)$/, 'app', 1)).toBeNull();
});

test('a wrong count is an error of the programmer', () => {
  expect(() => capture(/^(a)(b)$/, 'ab', 1)).toThrow(TypeError);
});
