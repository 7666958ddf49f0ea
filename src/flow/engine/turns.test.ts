import { describe, expect, it } from 'vitest';
import { takeTurns } from './turns.ts';

describe('turns', () => {
  it('runs work under one key in order, other keys beside it', async () => {
    const turns = takeTurns();
    const seen: string[] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const first = turns('a', () => gate.then(() => void seen.push('a1')));
    const second = turns('a', async () => void seen.push('a2'));
    await turns('b', async () => void seen.push('b'));
    open();
    await Promise.all([first, second]);
    expect(seen).toEqual(['b', 'a1', 'a2']);
  });

  it('continues after failed work, which rejects only for its own caller', async () => {
    const turns = takeTurns();
    const failed = turns('a', () => Promise.reject(new Error('lost')));
    const next = turns('a', () => Promise.resolve('fine'));
    await expect(failed).rejects.toThrow('lost');
    await expect(next).resolves.toBe('fine');
  });

  it('lets a bounded number wait', async () => {
    const turns = takeTurns();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const all = Array.from({ length: 64 }, () => turns('a', () => gate));
    await expect(turns('a', () => gate)).rejects.toMatchObject({ code: 'plan/busy', status: 503 });
    open();
    await Promise.all(all);
    await expect(turns('a', () => Promise.resolve(1))).resolves.toBe(1);
  });
});
