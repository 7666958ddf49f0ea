import { describe, expect, it } from 'vitest';
import { fakeRandom } from '../../../test/support/fakes.ts';
import { createRequestIds } from './request-id.ts';

describe('a request id', () => {
  it('is new for every request', () => {
    const next = createRequestIds(fakeRandom());
    expect([
      next(null, { trusted: false }),
      next(null, { trusted: true }),
      next('', { trusted: true }),
    ]).toEqual(['t1-1', 't1-2', 't1-3']);
  });

  it('is accepted from a trusted peer alone', () => {
    const next = createRequestIds(fakeRandom());
    expect(next('abc.DEF_1-2', { trusted: true })).toBe('abc.DEF_1-2');
    expect(next('abc.DEF_1-2', { trusted: false })).toBe('t1-1');
  });

  it.each(['a b', 'a\nb', '"', '<x>', 'a'.repeat(65)])('is never %j', (incoming) => {
    expect(createRequestIds(fakeRandom())(incoming, { trusted: true })).toBe('t1-1');
  });
});
