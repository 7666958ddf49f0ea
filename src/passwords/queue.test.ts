import { describe, expect, it } from 'vitest';
import { networksOf } from '../core/request/networks.ts';
import type { Origin } from '../core/people/hashing-origin.ts';
import { createQueue } from './queue.ts';

/** A task that ends on request. */
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
const stranger = (ip: string): Origin => ({ networks: networksOf(ip), device: null });
const atHome = (device: string, ip = '192.0.2.7'): Origin => ({ networks: networksOf(ip), device });
/** Addresses that share no network. */
const crowd = (count: number) =>
  Array.from({ length: count }, (_, i) => stranger(`${10 + i}.${i}.0.1`));

/** Puts one task per origin into the queue; returns which were accepted, and how to end them. */
function fill(queue: ReturnType<typeof createQueue>, origins: readonly (Origin | null)[]) {
  const tasks = origins.map(() => task());
  const results = tasks.map((one, i) => queue.run(one.run, origins[i] ?? null));
  return {
    tasks,
    async full(): Promise<number> {
      const seen = await Promise.all(results.map((one) => Promise.race([one, settled()])));
      return seen.filter((one) => one === 'full').length;
    },
    async end() {
      for (const one of tasks) one.end('done');
      await Promise.all(results);
    },
  };
}

describe('a queue of two with one waiting slot', () => {
  it('runs two, lets one wait, and rejects the next at once', async () => {
    const queue = createQueue({ concurrency: 2, waiting: 1, reserved: 0 });
    const [a, b, c, d] = [task(), task(), task(), task()];
    const from = crowd(4);
    const results = [a, b, c].map((t, i) => queue.run(t.run, from[i]));
    expect(await queue.run(d.run, from[3])).toBe('full');
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

  it('passes the slot of a failed task on', async () => {
    const queue = createQueue({ concurrency: 1, waiting: 2, reserved: 0 });
    const from = crowd(3);
    const [a, b] = [task(), task()];
    const first = queue.run(a.run, from[0]);
    const second = queue.run(b.run, from[1]);
    a.fail(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    b.end('b');
    expect(await second).toBe('b');
    const c = task();
    c.end('c');
    expect(await queue.run(c.run, from[2])).toBe('c');
  });
});

describe('LINE-48: the queue', () => {
  const size = { concurrency: 2, waiting: 20, reserved: 10 };

  it.each([
    ['addresses of one /64', (i: number) => `2001:db8:1:2::${i + 1}`, 7],
    ['distinct /64 of one /56', (i: number) => `2001:db8:1:${(0x1100 + i).toString(16)}::1`, 8],
    ['distinct /56 of one /48', (i: number) => `2001:db8:1:${(i * 256).toString(16)}::1`, 9],
    ['distinct /48 of one /32', (i: number) => `2001:db8:${i.toString(16)}::1`, 13],
    ['requests of one IPv4 address', () => '203.0.113.9', 7],
    ['addresses of one /24', (i: number) => `203.0.113.${i + 1}`, 9],
    ['addresses of one /16', (i: number) => `203.0.${i}.1`, 13],
    ['requests whose address is no address', () => 'unix:', 7],
  ])('gives 40 %s no more than their share', async (_, ip, share) => {
    const queue = createQueue(size);
    const flood = fill(
      queue,
      Array.from({ length: 40 }, (_unused, i) => stranger(ip(i))),
    );
    expect(await flood.full()).toBe(40 - share);
    const elsewhere = task();
    elsewhere.end('in');
    const result = queue.run(elsewhere.run, stranger('198.51.100.7'));
    await flood.end();
    expect(await result).toBe('in');
    // The retained slots are returned to the last one.
    const again = fill(
      queue,
      Array.from({ length: 40 }, (_unused, i) => stranger(ip(i))),
    );
    expect(await again.full()).toBe(40 - share);
    await again.end();
  });

  it('has slots for known devices when unknown clients have filled the rest', async () => {
    const queue = createQueue(size);
    const flood = fill(queue, crowd(40));
    expect(await flood.full()).toBe(18);
    const homes = fill(
      queue,
      Array.from({ length: 11 }, (_, i) => atHome(`ann ${i}`)),
    );
    expect(await homes.full()).toBe(1);
    // The two queues take turns: the first task that ends admits a known device.
    flood.tasks[0]?.end('done');
    await settled();
    expect(homes.tasks[0]?.hasBegun()).toBe(true);
    await Promise.all([flood.end(), homes.end()]);
  });

  it('gives one known device two of those slots, and no more than an address of the rest', async () => {
    const queue = createQueue(size);
    const flood = fill(
      queue,
      Array.from({ length: 40 }, () => atHome('eve 1')),
    );
    expect(await flood.full()).toBe(40 - 2 - 7);
    await flood.end();
  });

  it('counts clients without an address as one', async () => {
    const queue = createQueue(size);
    const flood = fill(
      queue,
      Array.from({ length: 40 }, () => null),
    );
    expect(await flood.full()).toBe(33);
    await flood.end();
  });
});
