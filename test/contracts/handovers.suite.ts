/**
 * The contract of handovers: a code is redeemed once, by one caller, before it expires, and the
 * store reveals nothing that could be redeemed.
 */
import { describe, expect, it } from 'vitest';
import { type Handover, HANDOVER_LASTS } from '../../src/core/people/handover.ts';
import type { Stores } from '../../src/core/setup/stores.ts';
import { Problem } from '../../src/core/values/problem.ts';
import { newTicket } from '../support/state.ts';
import type { StateWorld } from './stores.suite.ts';

const CODE = 'c'.repeat(22);

/** Registers the part of the contract about handovers. */
export function handoversContract(
  current: () => { readonly world: StateWorld; readonly stores: Stores },
): void {
  const handoverOf = (changes: Partial<Handover> = {}): Handover => ({
    ticket: newTicket(),
    origin: 'https://app.example.org',
    returnTo: 'https://app.example.org/secret-destination?a=b',
    nonce: 'n'.repeat(22),
    until: current().world.clock.now() + HANDOVER_LASTS,
    remembered: null,
    ...changes,
  });

  describe('hands over a session', () => {
    it('to exactly one of fifty concurrent callers, on every instance', async () => {
      const { world, stores } = current();
      const other = await world.open();
      const handover = handoverOf();
      await stores.handovers.put(CODE, handover);
      const taken = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? stores : other).handovers.take(CODE)),
      );
      expect(taken.filter((one) => one !== null)).toEqual([handover]);
      expect(await other.handovers.take(CODE)).toBeNull();
    });

    it('as it was stored, for each code its own', async () => {
      const { stores, world } = current();
      const [first, second] = [handoverOf(), handoverOf({ remembered: world.clock.now() + 1 })];
      await stores.handovers.put('a'.repeat(22), first);
      await stores.handovers.put('b'.repeat(22), second);
      expect(await stores.handovers.take('b'.repeat(22))).toEqual(second);
      expect(await stores.handovers.take('a'.repeat(22))).toEqual(first);
    });

    it('never for a code that was not given out', async () => {
      const { stores } = current();
      await stores.handovers.put(CODE, handoverOf());
      for (const code of ['', '*', CODE.slice(1), CODE.toUpperCase(), `${CODE}\0`, "' OR 1=1 --"]) {
        expect(await stores.handovers.take(code)).toBeNull();
      }
      expect(await stores.handovers.take(CODE)).not.toBeNull();
    });

    it('never twice under one code', async () => {
      const { stores } = current();
      await stores.handovers.put(CODE, handoverOf());
      const second = await stores.handovers
        .put(CODE, handoverOf())
        .catch((fault: unknown) => fault);
      expect(second).toBeInstanceOf(Problem);
    });

    it('no longer once the code has expired', async () => {
      const { world, stores } = current();
      await stores.handovers.put(CODE, handoverOf());
      world.clock.advance(HANDOVER_LASTS);
      expect(await stores.handovers.take(CODE)).toBeNull();
    });

    it('just before the code expires', async () => {
      const { world, stores } = current();
      await stores.handovers.put(CODE, handoverOf());
      world.clock.advance(HANDOVER_LASTS - 1);
      expect(await stores.handovers.take(CODE)).not.toBeNull();
    });

    it('that stays redeemed when the store is closed and reopened', async () => {
      const { world, stores } = current();
      await stores.handovers.put(CODE, handoverOf());
      expect(await stores.handovers.take(CODE)).not.toBeNull();
      await stores.close();
      expect(await (await world.open()).handovers.take(CODE)).toBeNull();
    });

    it('never once the store is closed', async () => {
      const { stores } = current();
      await stores.handovers.put(CODE, handoverOf());
      await stores.close();
      const unavailable = { code: 'store/unavailable', status: 503 };
      await expect(stores.handovers.take(CODE)).rejects.toMatchObject(unavailable);
    });

    it('without storing code, ticket or destination in readable form', async () => {
      const { world, stores } = current();
      const handover = handoverOf();
      await stores.handovers.put(CODE, handover);
      const stored = (await world.dump()).toString('latin1');
      const { ticket } = handover;
      for (const secret of [CODE, ticket.id, ticket.secret, handover.nonce, 'secret-destination']) {
        expect(stored).not.toContain(secret);
      }
    });
  });
}
