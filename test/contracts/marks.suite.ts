/** What a mark is: taken by one alone, kept as long as was asked for, in every store. */
import { describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import { until } from '../support/until.ts';
import type { StateWorld } from './stores.suite.ts';

/** Adds the part of the marks to the contract. */
export function marksContract(
  current: () => { readonly world: StateWorld; readonly stores: Stores },
): void {
  describe('gives a mark', () => {
    it('to exactly one of fifty that want it at once, on every instance', async () => {
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

    it('for each key by itself', async () => {
      const { world, stores } = current();
      const end = world.clock.now() + 1_000;
      const keys = ['', 'a', 'A', 'a ', '*', '\0', "' OR 1=1 --", 'x'.repeat(65_536), '\u{1F608}'];
      for (const key of keys) expect(await stores.marks.take(key, end)).toBe(true);
      for (const key of keys) expect(await stores.marks.take(key, end)).toBe(false);
    });

    it('that stays taken over a close and an opening', async () => {
      const { world, stores } = current();
      const end = world.clock.now() + 60_000;
      expect(await stores.marks.take('link', end)).toBe(true);
      await stores.close();
      expect(await (await world.open()).marks.take('link', end)).toBe(false);
    });

    it('until its end, then anew', async () => {
      const { world, stores } = current();
      const { clock } = world;
      expect(await stores.marks.take('k', clock.now() + 20)).toBe(true);
      expect(await stores.marks.take('k', clock.now() + 20)).toBe(false);
      clock.advance(20);
      // A server of its own counts real time.
      await until('it is over', () => stores.marks.take('k', clock.now() + 60_000));
      expect(await stores.marks.take('k', clock.now() + 60_000)).toBe(false);
    });

    it.each([0, -1, Number.NaN, Number.NEGATIVE_INFINITY])(
      'is refused if it cannot be stored (%d ms)',
      async (lasts) => {
        const { world, stores } = current();
        expect(await stores.marks.take('k', world.clock.now() + lasts)).toBe(false);
        expect(await stores.marks.take('k', world.clock.now() + 1_000)).toBe(true);
      },
    );

    it('whose key cannot be read in what is stored', async () => {
      const { world, stores } = current();
      await stores.marks.take('carrierpigeon', world.clock.now() + 60_000);
      expect((await world.dump()).toString('latin1')).not.toContain('carrierpigeon');
    });
  });
}
