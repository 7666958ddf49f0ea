/**
 * The contract of marks: only one caller takes a mark, and it lasts as long as requested, in every
 * store.
 */
import { describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import { until } from '../support/until.ts';
import type { StateWorld } from './stores.suite.ts';

/** Registers the part of the contract about marks. */
export function marksContract(
  current: () => { readonly world: StateWorld; readonly stores: Stores },
): void {
  describe('gives a mark', () => {
    it('to exactly one of fifty concurrent callers, on every instance', async () => {
      const { world, stores } = current();
      const other = await world.open();
      const end = world.clock.now() + 90_000;
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (i % 2 === 0 ? stores : other).marks.take('totp:ann:59000000', end),
        ),
      );
      expect(done.filter(Boolean)).toHaveLength(1);
      expect(await other.marks.take('totp:ann:59000000', end)).toBe(false);
    });

    it('separately for each key', async () => {
      const { world, stores } = current();
      const end = world.clock.now() + 1_000;
      const keys = ['', 'a', 'A', 'a ', '*', '\0', "' OR 1=1 --", 'x'.repeat(65_536), '\u{1F608}'];
      for (const key of keys) expect(await stores.marks.take(key, end)).toBe(true);
      for (const key of keys) expect(await stores.marks.take(key, end)).toBe(false);
    });

    it('that stays taken when the store is closed and reopened', async () => {
      const { world, stores } = current();
      const end = world.clock.now() + 60_000;
      expect(await stores.marks.take('link', end)).toBe(true);
      await stores.close();
      expect(await (await world.open()).marks.take('link', end)).toBe(false);
    });

    it('until it expires, and then to a new caller', async () => {
      const { world, stores } = current();
      const { clock } = world;
      expect(await stores.marks.take('k', clock.now() + 20)).toBe(true);
      expect(await stores.marks.take('k', clock.now() + 20)).toBe(false);
      clock.advance(20);
      // A server with its own clock counts real time.
      await until('it is over', () => stores.marks.take('k', clock.now() + 60_000));
      expect(await stores.marks.take('k', clock.now() + 60_000)).toBe(false);
    });

    it.each([0, -1, Number.NaN, Number.NEGATIVE_INFINITY])(
      'or fails if it cannot be stored (%d ms)',
      async (lasts) => {
        const { world, stores } = current();
        expect(await stores.marks.take('k', world.clock.now() + lasts)).toBe(false);
        expect(await stores.marks.take('k', world.clock.now() + 1_000)).toBe(true);
      },
    );

    it('without storing its key in readable form', async () => {
      const { world, stores } = current();
      await stores.marks.take('carrierpigeon', world.clock.now() + 60_000);
      expect((await world.dump()).toString('latin1')).not.toContain('carrierpigeon');
    });
  });
}
