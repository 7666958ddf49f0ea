/** The contract of a throttle: limits hold under concurrency, and every store computes alike. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import type { ThrottleRule } from '../../src/core/values/system.ts';
import { type Tries, takeTry } from '../../src/stores/embedded/tries.ts';
import type { StateWorld } from './stores.suite.ts';

const RULE: ThrottleRule = { free: 5, wait: 1_000, longest: 60_000, window: 900_000 };

/** Registers the part of the contract about the throttle. */
export function throttleContract(
  current: () => { readonly world: StateWorld; readonly stores: Stores },
): void {
  describe('limits tries', () => {
    it('to exactly the free ones of fifty concurrent tries', async () => {
      const { world, stores } = current();
      const other = await world.open();
      const now = world.clock.now();
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (i % 2 === 0 ? stores : other).throttle.take('account:ann', RULE, now),
        ),
      );
      expect(done.filter((d) => d.allowed)).toHaveLength(5);
      for (const d of done.filter((x) => !x.allowed)) expect(d.retryAt).toBe(now + 1_000);
    });

    it('with delays that double up to the longest, and does not count refused tries', async () => {
      const { world, stores } = current();
      let now = world.clock.now();
      const waits: number[] = [];
      for (let i = 0; i < 14; i++) {
        const { allowed, retryAt } = await stores.throttle.take('k', RULE, now);
        expect(allowed).toBe(true);
        waits.push(retryAt === 0 ? 0 : retryAt - now);
        if (retryAt === 0) continue;
        const early = await stores.throttle.take('k', RULE, retryAt - 1);
        expect(early).toEqual({ allowed: false, retryAt });
        now = retryAt;
      }
      const s = 1_000;
      expect(waits).toEqual([
        0,
        0,
        0,
        0,
        s,
        2 * s,
        4 * s,
        8 * s,
        16 * s,
        32 * s,
        ...Array(4).fill(60 * s),
      ]);
    });

    it('and forgets them after a quiet window, never during a delay', async () => {
      const { world, stores } = current();
      const now = world.clock.now();
      const rule = { free: 1, wait: 10_000, longest: 10_000, window: 1_000 };
      await stores.throttle.take('k', rule, now);
      expect((await stores.throttle.take('k', rule, now + 9_999)).allowed).toBe(false);
      const again = await stores.throttle.take('k', rule, now + 10_000);
      expect(again).toEqual({ allowed: true, retryAt: now + 20_000 });
    });

    it('and refunds one, or forgets all', async () => {
      const { world, stores } = current();
      const now = world.clock.now();
      for (let i = 0; i < 5; i++) await stores.throttle.take('k', RULE, now);
      await stores.throttle.release('k', 'one');
      expect(await stores.throttle.take('k', RULE, now)).toEqual({
        allowed: true,
        retryAt: now + 1_000,
      });
      expect((await stores.throttle.take('k', RULE, now)).allowed).toBe(false);
      await stores.throttle.release('k', 'all');
      expect(await stores.throttle.take('k', RULE, now)).toEqual({ allowed: true, retryAt: 0 });
      await stores.throttle.release('never taken', 'one');
      await stores.throttle.release('never taken', 'all');
    });

    it('separately for each key, whatever it contains', async () => {
      const { world, stores } = current();
      const rule = { ...RULE, free: 1 };
      const now = world.clock.now();
      const names = ['*', '{}', 'a\nb', '', ' ', 'x'.repeat(65_536), `${'x'.repeat(65_536)}y`];
      for (const key of names) {
        expect((await stores.throttle.take(key, rule, now)).allowed).toBe(true);
        expect((await stores.throttle.take(key, rule, now)).allowed).toBe(false);
      }
    });

    it('as the model computes them, for any rule and any times', async () => {
      const { world, stores } = current();
      let run = 0;
      const begin = world.clock.now();
      const rules = fc.record({
        free: fc.integer({ min: 0, max: 6 }),
        wait: fc.integer({ min: 1, max: 10_000 }),
        longest: fc.integer({ min: 1, max: 100_000 }),
        window: fc.integer({ min: 1_000, max: 200_000 }),
      });
      const pauses = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(rules, pauses, async (rule, times) => {
          const key = `law ${run++}`;
          let tries: Tries | null = null;
          let now = begin;
          for (const pause of times) {
            now += pause;
            const law = takeTry(tries, rule, now);
            const taken = await stores.throttle.take(key, rule, now);
            expect(taken).toEqual({ allowed: law.allowed, retryAt: law.tries.retryAt });
            tries = law.tries;
          }
        }),
      );
    });
  });
}
