import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHeldPasswords } from './held-passwords.ts';

const hash = (password: string) => Promise.resolve(`hash of ${password}`);

describe('held passwords', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are taken once, by the hash', async () => {
    const held = createHeldPasswords();
    const made = await held.holding({ hash }).hash('walnut');
    expect([made, held.has(made), held.has('hash of harbor')]).toEqual([
      'hash of walnut',
      true,
      false,
    ]);
    expect([held.take(made), held.take(made), held.has(made)]).toEqual(['walnut', null, false]);
  });

  it('are held for a minute', async () => {
    const held = createHeldPasswords();
    const made = await held.holding({ hash }).hash('walnut');
    vi.advanceTimersByTime(59_999);
    expect(held.has(made)).toBe(true);
    vi.advanceTimersByTime(1);
    expect([held.has(made), held.take(made)]).toEqual([false, null]);
  });

  it('are 200 at most: the oldest is dropped', async () => {
    const held = createHeldPasswords();
    const { hash: holding } = held.holding({ hash });
    for (let n = 0; n <= 200; n += 1) await holding(`${n}`);
    expect([held.has('hash of 0'), held.has('hash of 1'), held.has('hash of 200')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('are not held if they could not be hashed', async () => {
    const held = createHeldPasswords();
    const busy = held.holding({ hash: () => Promise.reject(new Error('busy')) });
    await expect(busy.hash('walnut')).rejects.toThrow('busy');
    expect(held.has('hash of walnut')).toBe(false);
  });
});
