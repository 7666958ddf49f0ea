import { describe, expect, it } from 'vitest';
import { createQueue } from './queue.ts';

/** A task that ends when told. */
function task() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let begun = false;
  const run = () => {
    begun = true;
    return promise;
  };
  return { run, end: resolve, fail: reject, hasBegun: () => begun };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a queue of two with one place in line', () => {
  it('runs two, lets one wait, turns the next away at once', async () => {
    const queue = createQueue(2, 1);
    const [a, b, c, d] = [task(), task(), task(), task()];
    const results = [a, b, c].map((t) => queue.run(t.run));
    expect(await queue.run(d.run)).toBe('full');
    await settled();
    expect([a, b, c, d].map((t) => t.hasBegun())).toEqual([true, true, false, false]);
    a.end('a');
    await settled();
    expect(c.hasBegun()).toBe(true);
    expect(await results[0]).toBe('a');
    b.end('b');
    c.end('c');
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
  });

  it('gives the place of a failed task on', async () => {
    const queue = createQueue(1, 1);
    const [a, b] = [task(), task()];
    const first = queue.run(a.run);
    const second = queue.run(b.run);
    a.fail(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    b.end('b');
    expect(await second).toBe('b');
    const c = task();
    c.end('c');
    expect(await queue.run(c.run)).toBe('c');
  });
});
