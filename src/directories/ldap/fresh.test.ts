import { beforeEach, describe, expect, it } from 'vitest';
import { createFresh, type Fresh } from './fresh.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a value that is used for a while', () => {
  let now: number;
  let values: Fresh<string>;
  /** Reads under way, to be ended by the test. */
  let reads: PromiseWithResolvers<string>[];
  let changes: string[];

  beforeEach(() => {
    now = 0;
    reads = [];
    changes = [];
    values = createFresh({
      timing: { refreshAfter: 30, maxAge: 50 },
      capacity: 2,
      now: () => now,
      load: () => {
        const read = Promise.withResolvers<string>();
        reads.push(read);
        return read.promise;
      },
      onChange: (key, before, after) => changes.push(`${key}: ${before} ${after}`),
    });
  });
  /** The value of `ann` once the last read returns it. */
  const first = async (value: string): Promise<string> => {
    const read = values.read('ann');
    reads.at(-1)?.resolve(value);
    return read;
  };

  it('is read once for all requests meanwhile', async () => {
    const both = [values.read('ann'), values.read('ann')];
    reads[0]?.resolve('a');
    expect(await Promise.all(both)).toEqual(['a', 'a']);
    expect(reads).toHaveLength(1);
  });

  it('is read again in the background, and used until that read ends', async () => {
    await first('a');
    now = 30;
    expect(await values.read('ann')).toBe('a');
    now = 49;
    expect(await values.read('ann')).toBe('a');
    expect(reads).toHaveLength(2);
    reads[1]?.resolve('b');
    await settled();
    expect(await values.read('ann')).toBe('b');
    expect(changes).toEqual(['ann: a b']);
  });

  it('is not used for longer than its age allows, whatever becomes of reads', async () => {
    await first('a');
    now = 30;
    await values.read('ann');
    reads[1]?.reject(new Error('away'));
    await settled();
    now = 49;
    expect(await values.read('ann')).toBe('a');
    reads[2]?.reject(new Error('away'));
    await settled();
    now = 50;
    const late = values.read('ann');
    reads[3]?.reject(new Error('still away'));
    await expect(late).rejects.toThrow('still away');
  });

  it('is as old as the beginning of its read', async () => {
    const slow = values.read('ann');
    now = 40;
    reads[0]?.resolve('a');
    await slow;
    now = 50;
    void values.read('ann').catch(() => null);
    expect(reads).toHaveLength(2);
    reads[1]?.reject(new Error('end'));
  });

  it('is not replaced by a read that began earlier', async () => {
    await first('a');
    const slow = values.reload('ann');
    now = 10;
    const quick = values.reload('ann');
    reads[2]?.resolve('new');
    await quick;
    reads[1]?.resolve('old');
    expect(await slow).toBe('old');
    expect(await values.read('ann')).toBe('new');
  });

  it('is forgotten when there are too many', async () => {
    await first('a');
    for (const key of ['bob', 'carl']) {
      const read = values.read(key);
      reads.at(-1)?.resolve(key);
      await read;
    }
    expect(values.keys()).not.toContain('ann');
  });
});
