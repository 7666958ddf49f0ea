/**
 * The contract of scores: concurrent changes are never lost, values are bounded, and every store
 * computes alike.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import {
  addTo,
  SCORE_BOUNDS,
  SCORE_HALVES,
  SCORE_KEPT,
  type Score,
  currentScore,
} from '../../src/core/people/score.ts';
import type { StateWorld } from './stores.suite.ts';

/** Registers the part of the contract about scores. */
export function scoresContract(
  current: () => { readonly world: StateWorld; readonly stores: Stores },
): void {
  describe('keeps scores', () => {
    it('without losing any of fifty concurrent changes, on every instance', async () => {
      const { world, stores } = current();
      const other = await world.open();
      const now = world.clock.now();
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (i % 2 === 0 ? stores : other).scores.add('account:ann', -1, now),
        ),
      );
      expect(done.toSorted((a, b) => b - a)).toEqual(Array.from({ length: 50 }, (_, i) => -1 - i));
      expect(await other.scores.read(['account:ann'], now)).toEqual([-50]);
    });

    it('within their bounds', async () => {
      const { world, stores } = current();
      const now = world.clock.now();
      expect(await stores.scores.add('good', 1_000, now)).toBe(SCORE_BOUNDS.most);
      expect(await stores.scores.add('bad', -1_000, now)).toBe(SCORE_BOUNDS.least);
      expect(await stores.scores.add('bad', -1, now)).toBe(SCORE_BOUNDS.least);
      expect(await stores.scores.read(['good', 'bad'], now)).toEqual([
        SCORE_BOUNDS.most,
        SCORE_BOUNDS.least,
      ]);
    });

    it('that halve with time until they are gone', async () => {
      const { world, stores } = current();
      const now = world.clock.now();
      await stores.scores.add('k', -9, now);
      const later = async (ms: number) => (await stores.scores.read(['k'], now + ms))[0];
      expect(await later(SCORE_HALVES - 1)).toBe(-9);
      expect(await later(SCORE_HALVES)).toBe(-4);
      expect(await later(SCORE_KEPT)).toBe(0);
    });

    it('separately for each key, returned in the requested order', async () => {
      const { world, stores } = current();
      const now = world.clock.now();
      const keys = ['', 'a', 'A', 'a ', '*', '\0', "' OR 1=1 --", 'x'.repeat(65_536), '\u{1F608}'];
      for (const [i, key] of keys.entries()) await stores.scores.add(key, -i - 1, now);
      expect(await stores.scores.read(keys, now)).toEqual(keys.map((_, i) => -i - 1));
      expect(await stores.scores.read(['never', 'a'], now)).toEqual([0, -2]);
      expect(await stores.scores.read([], now)).toEqual([]);
    });

    it('when closed and reopened', async () => {
      const { world, stores } = current();
      const now = world.clock.now();
      await stores.scores.add('k', -3, now);
      await stores.close();
      expect(await (await world.open()).scores.read(['k'], now)).toEqual([-3]);
    });

    it('without storing their keys in readable form', async () => {
      const { world, stores } = current();
      await stores.scores.add('carrierpigeon', -1, world.clock.now());
      expect((await world.dump()).toString('latin1')).not.toContain('carrierpigeon');
    });

    it('as the model computes them, for any changes at any times', async () => {
      const { world, stores } = current();
      let run = 0;
      const steps = fc.array(
        fc.tuple(
          fc.integer({ min: -120, max: 20 }),
          fc.oneof(
            fc.integer({ min: -5_000, max: 60_000 }),
            fc.constant(SCORE_HALVES),
            fc.integer({ min: 0, max: 2 * SCORE_KEPT }),
          ),
        ),
        { maxLength: 20 },
      );
      const begin = world.clock.now();
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          const key = `law ${run++}`;
          let score: Score | null = null;
          let now = begin;
          for (const [by, pause] of list) {
            now += pause;
            const law = currentScore(score, now).value;
            expect(await stores.scores.read([key], now)).toEqual([law]);
            score = addTo(score, by, now);
            expect(await stores.scores.add(key, by, now)).toBe(score.value);
          }
        }),
      );
    });
  });
}
