import { describe, expect, it } from 'vitest';
import { errorCode } from './error-code.ts';

describe('an error code', () => {
  it.each<[string, unknown, string | null]>([
    ['is read from an error', Object.assign(new Error('gone'), { code: 'ENOENT' }), 'ENOENT'],
    ['is read from any object', { code: 'EPIPE' }, 'EPIPE'],
    ['is null where an error has none', new Error('plain'), null],
    ['is null where it is no text', { code: 5 }, null],
    ['is null for null', null, null],
    ['is null for a thrown text', 'ENOENT', null],
  ])('%s', (_, caught, code) => {
    expect(errorCode(caught)).toBe(code);
  });
});
