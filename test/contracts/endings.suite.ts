/** The part of the account contract about ended sessions, for the store and for its fake. */
import { describe, expect, it } from 'vitest';

import { type AccountsWorld, ANN, BOB, eachOnFreshStore, newId } from './accounts-world.ts';

/** Registers this part of the contract. */
export function endingsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts record ended sessions`, () => {
    const store = eachOnFreshStore(begin);

    const session = (userId: string, issuedAt = store().world.clock.now()) => ({
      id: newId(),
      userId,
      issuedAt,
      createdAt: 0,
    });

    it('one by one, without ending any other session', async () => {
      const [one, two] = [session(ANN), session(ANN)];
      const at = store().world.clock.now();
      await store().accounts.recordEnding({ id: one.id, userId: ANN, at, until: at + 1_000 });
      expect(await store().other.hasEnded(one)).toBe(true);
      expect(await store().other.hasEnded(two)).toBe(false);
    });

    it('of a user or of all users: every session issued before, except a spared one', async () => {
      const [ann, kept, bob] = [session(ANN), session(ANN), session(BOB)];
      const at = store().world.clock.now() + 1;
      await store().accounts.moveSessionsValidFrom(ANN, at, kept.id);
      const dead = () => Promise.all([ann, kept, bob].map((one) => store().other.hasEnded(one)));
      expect(await dead()).toEqual([true, false, false]);
      expect(await store().other.hasEnded(session(ANN, at))).toBe(false);
      expect(await store().other.sessionsValidFrom(ANN)).toBe(at);
      expect(await store().other.sessionsValidFrom(BOB)).toBe(0);
      await store().accounts.moveSessionsValidFrom(null, at);
      expect(await dead()).toEqual([true, true, true]);
      // Later than the limit of any user.
      expect(await store().other.sessionsValidFrom(BOB)).toBe(at + 1);
    });

    it('permanently, even if the clock goes back', async () => {
      const one = session(ANN);
      await store().accounts.moveSessionsValidFrom(ANN, store().world.clock.now() + 1);
      await store().accounts.moveSessionsValidFrom(ANN, store().world.clock.now() - 86_400_000);
      expect(await store().other.hasEnded(one)).toBe(true);
    });

    it.each([
      ['of a user', ANN, ANN],
      ['of all users', null, ANN],
      ['of a user after those of all users', ANN, null],
    ])('%s, even those issued under a limit ahead of the clock', async (_, whose, before) => {
      const { accounts, other, world } = store();
      await accounts.moveSessionsValidFrom(before, world.clock.now() + 3_600_000);
      // As issued after the clock was set back: not before the sessions of its user are valid.
      const one = session(ANN, await other.sessionsValidFrom(ANN));
      expect(await other.hasEnded(one)).toBe(false);
      await accounts.moveSessionsValidFrom(whose, world.clock.now() + 1);
      expect(await other.hasEnded(one)).toBe(true);
    });

    it('and compare a session of an older gateway by its sign-in time', async () => {
      const createdAt = store().world.clock.now();
      const old = { id: newId(), userId: ANN, createdAt };
      expect(await store().accounts.hasEnded(old)).toBe(false);
      await store().accounts.moveSessionsValidFrom(ANN, createdAt + 1);
      expect(await store().other.hasEnded(old)).toBe(true);
    });

    it('and keep the record when the user is deleted, since another user may get the same id', async () => {
      const one = session(ANN);
      await store().accounts.moveSessionsValidFrom(ANN, store().world.clock.now() + 1);
      await store().accounts.forgetUser(ANN);
      expect(await store().other.hasEnded(one)).toBe(true);
    });
  });
}
