/** What is kept of ended sessions: for the store of accounts and for its fake alike. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Accounts } from '../../src/core/people/account.ts';
import { type AccountsWorld, newId } from './accounts.suite.ts';

const ANN = 'embedded/ann';
const BOB = 'file/{*}\n\0 Zoë';

/** Runs this part of the contract. */
export function endingsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts keep the endings of sessions`, () => {
    let world: AccountsWorld;
    let accounts: Accounts;
    let other: Accounts;
    beforeEach(async () => {
      world = await begin();
      accounts = await world.open();
      other = await world.open();
    });
    afterEach(() => world.end());

    const session = (userId: string, issuedAt = world.clock.now()) => ({
      id: newId(),
      userId,
      issuedAt,
      createdAt: 0,
    });

    it('one by one, so that no other session ends with it', async () => {
      const [one, two] = [session(ANN), session(ANN)];
      const at = world.clock.now();
      await accounts.recordEnding({ id: one.id, userId: ANN, at, until: at + 1_000 });
      expect(await other.hasEnded(one)).toBe(true);
      expect(await other.hasEnded(two)).toBe(false);
    });

    it('of a user or of all users: whatever was issued before, but the one that is spared', async () => {
      const [ann, kept, bob] = [session(ANN), session(ANN), session(BOB)];
      const at = world.clock.now() + 1;
      await accounts.moveSessionsValidFrom(ANN, at, kept.id);
      const dead = () => Promise.all([ann, kept, bob].map((one) => other.hasEnded(one)));
      expect(await dead()).toEqual([true, false, false]);
      expect(await other.hasEnded(session(ANN, at))).toBe(false);
      expect(await other.sessionsValidFrom(ANN)).toBe(at);
      expect(await other.sessionsValidFrom(BOB)).toBe(0);
      await accounts.moveSessionsValidFrom(null, at);
      expect(await dead()).toEqual([true, true, true]);
      expect(await other.sessionsValidFrom(BOB)).toBe(at);
    });

    it('and never take an ending back, also where a clock went back', async () => {
      const one = session(ANN);
      await accounts.moveSessionsValidFrom(ANN, world.clock.now() + 1);
      await accounts.moveSessionsValidFrom(ANN, world.clock.now() - 86_400_000);
      expect(await other.hasEnded(one)).toBe(true);
    });

    it('judge a session of an older gateway by when its user signed in', async () => {
      const createdAt = world.clock.now();
      const old = { id: newId(), userId: ANN, createdAt };
      expect(await accounts.hasEnded(old)).toBe(false);
      await accounts.moveSessionsValidFrom(ANN, createdAt + 1);
      expect(await other.hasEnded(old)).toBe(true);
    });

    it('and keep them when the user is deleted: another user may get the same id', async () => {
      const one = session(ANN);
      await accounts.moveSessionsValidFrom(ANN, world.clock.now() + 1);
      await accounts.forgetUser(ANN);
      expect(await other.hasEnded(one)).toBe(true);
    });
  });
}
