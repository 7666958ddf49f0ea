/** Bounds of what is remembered of credentials. */
import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { passwordGrant } from '../../core/routes/grant.ts';
import { createCredentialCache, type Share } from './credential-cache.ts';

const user = testUser();
const visitor = { session: null, grant: passwordGrant(user.id), user };

function cacheWith(capacity: number) {
  const cache = createCredentialCache(capacity);
  const put = (key: string, ...shares: Share[]) => cache.put({ key, visitor, shares, storedAt: 0 });
  const has = (...keys: string[]) => keys.map((key) => cache.get(key) !== undefined);
  return { cache, put, has };
}

describe('a cache of credentials', () => {
  it('is bounded', () => {
    const { cache, put, has } = cacheWith(2);
    for (const key of ['a', 'b', 'c']) put(key);
    expect(has('a', 'b', 'c')).toEqual([false, true, true]);
    expect(cache.size()).toBe(2);
  });

  it('drops the oldest of a share that is full, and nothing of others', () => {
    const { put, has } = cacheWith(10);
    put('other', { name: 'theirs', most: 1 });
    for (const key of ['a', 'b', 'c']) put(key, { name: 'ours', most: 2 });
    expect(has('other', 'a', 'b', 'c')).toEqual([true, false, true, true]);
  });

  it('counts an entry that is read again once, as the newest', () => {
    const { put, has } = cacheWith(10);
    for (const key of ['a', 'b', 'a', 'c']) put(key, { name: 'ours', most: 2 });
    expect(has('a', 'b', 'c')).toEqual([true, false, true]);
  });

  it('counts an entry against each of its shares', () => {
    const { put, has } = cacheWith(10);
    const all = { name: 'all', most: 2 };
    put('a', all, { name: 'one', most: 1 });
    put('b', all, { name: 'one', most: 1 });
    put('c', all);
    put('d', all);
    expect(has('a', 'b', 'c', 'd')).toEqual([false, false, true, true]);
  });

  it('has room in a share again after its entries are dropped', () => {
    const { cache, put, has } = cacheWith(10);
    put('a', { name: 'ours', most: 1 });
    cache.dropUser(user.id);
    expect(cache.size()).toBe(0);
    put('b', { name: 'ours', most: 1 });
    expect(has('a', 'b')).toEqual([false, true]);
  });
});
