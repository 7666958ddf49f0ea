/**
 * The contract of unsent forms: read any number of times, taken once, by one caller, before they expire;
 * and the store reveals nothing of them.
 */
import { describe, expect, it } from 'vitest';
import { UNSENT_LASTS, type UnsentForm } from '../../src/core/access/unsent.ts';
import type { Stores } from '../../src/core/setup/stores.ts';
import { Problem } from '../../src/core/values/problem.ts';
import type { StateWorld } from './stores.suite.ts';

const KEY = 'k'.repeat(44);

/** Registers the part of the contract about unsent forms. */
export function unsentContract(
  current: () => { readonly world: StateWorld; readonly stores: Stores },
): void {
  const formOf = (changes: Partial<UnsentForm> = {}): UnsentForm => ({
    enctype: 'multipart/form-data',
    fields: [
      { name: 'secret-name', value: 'secret-value \u{1F608}\r\n' },
      { name: 'file', value: null },
    ],
    user: 'u'.repeat(22),
    origin: 'https://app.example.org',
    target: '/secret-target?a=b',
    page: 'https://app.example.org/secret-page',
    until: current().world.clock.now() + UNSENT_LASTS,
    ...changes,
  });

  describe('keeps an unsent form', () => {
    it('for exactly one of fifty concurrent callers, on every instance', async () => {
      const { world, stores } = current();
      const other = await world.open();
      await stores.unsent.put(KEY, formOf());
      expect(await other.unsent.read(KEY)).toEqual(formOf());
      expect(await stores.unsent.read(KEY)).toEqual(formOf());
      const taken = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? stores : other).unsent.take(KEY)),
      );
      expect(taken.filter((one) => one !== null)).toEqual([formOf()]);
      expect(await other.unsent.take(KEY)).toBeNull();
      expect(await stores.unsent.read(KEY)).toBeNull();
    });

    it('of the largest size, under its own key and no other', async () => {
      const { stores } = current();
      const large = formOf({ fields: [{ name: 'x', value: '\u0001'.repeat(64 * 1024) }] });
      await stores.unsent.put(KEY, large);
      for (const key of ['', '*', KEY.slice(1), KEY.toUpperCase(), `${KEY}\0`, "' OR 1=1 --"]) {
        expect([await stores.unsent.read(key), await stores.unsent.take(key)]).toEqual([
          null,
          null,
        ]);
      }
      const second = await stores.unsent.put(KEY, formOf()).catch((fault: unknown) => fault);
      expect(second).toBeInstanceOf(Problem);
      expect(await stores.unsent.take(KEY)).toEqual(large);
    });

    it('until it expires, and never after', async () => {
      const { world, stores } = current();
      await stores.unsent.put(KEY, formOf());
      world.clock.advance(UNSENT_LASTS - 1);
      expect(await stores.unsent.read(KEY)).not.toBeNull();
      world.clock.advance(1);
      expect([await stores.unsent.read(KEY), await stores.unsent.take(KEY)]).toEqual([null, null]);
    });

    it('never twice, although the store is closed and reopened', async () => {
      const { world, stores } = current();
      await stores.unsent.put(KEY, formOf());
      expect(await stores.unsent.take(KEY)).not.toBeNull();
      await stores.close();
      await expect(stores.unsent.read(KEY)).rejects.toMatchObject({ code: 'store/unavailable' });
      expect(await (await world.open()).unsent.take(KEY)).toBeNull();
    });

    it('without storing its key, address, names or values in readable form', async () => {
      const { world, stores } = current();
      await stores.unsent.put(KEY, formOf());
      const stored = (await world.dump()).toString('latin1');
      for (const secret of [KEY, 'secret-', 'app.example.org', 'u'.repeat(22)]) {
        expect(stored).not.toContain(secret);
      }
    });
  });
}
