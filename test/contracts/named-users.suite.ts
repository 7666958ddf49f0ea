/** The part of the account contract about users whose ids are names. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountStore } from '../../src/accounts/accounts.ts';
import type { NamedUser } from '../../src/core/people/account.ts';
import { testClock } from '../support/state.ts';
import { authenticatorOf } from './accounts.suite.ts';

const ANN = 'file/ann';
const NOBODY_NEW = { replaced: [], changed: [] };

const clock = testClock();
const ann = (mark: string, changes: Partial<NamedUser> = {}): NamedUser => ({
  id: ANN,
  mark,
  isLasting: false,
  ...changes,
});
const bob = ann('of bob', { id: 'file/bob' });
const ALL = { factor: true, session: true };

/** Registers this part of the contract; `open` gives an empty store. */
export function namedUsersContract(kind: string, open: () => Promise<AccountStore>): void {
  describe(`${kind} users whose ids are names`, () => {
    let accounts: AccountStore;
    beforeEach(async () => {
      accounts = await open();
    });
    afterEach(() => accounts.close());

    const settle = (...users: NamedUser[]) => accounts.settleUsers('file', users, clock.now());
    /** A second factor of ann, and a session that begins now. */
    const setUp = async () => {
      const authenticator = authenticatorOf({ userId: ANN });
      await accounts.addAuthenticator(authenticator);
      const session = { id: authenticator.id, userId: ANN, createdAt: clock.now() };
      const has = async () => ({
        factor: (await accounts.authenticators(ANN)).length === 1,
        session: !(await accounts.hasEnded(session)),
      });
      return has;
    };

    it('keep everything while they are there with the same password', async () => {
      const has = await setUp();
      expect(await settle(ann('one'), bob)).toEqual(NOBODY_NEW);
      expect(await settle(ann('one'))).toEqual(NOBODY_NEW);
      expect(await has()).toEqual(ALL);
    });

    it('keep everything when they were absent and are back with the same password', async () => {
      await settle(ann('one'), bob);
      const has = await setUp();
      await settle(bob);
      await settle();
      expect(await settle(ann('one'), bob)).toEqual(NOBODY_NEW);
      expect(await has()).toEqual(ALL);
      // They are not absent any more.
      expect(await settle(ann('two'), bob)).toMatchObject({ replaced: [] });
    });

    it('keep their factors with a new password, and no session', async () => {
      await settle(ann('one'));
      const has = await setUp();
      expect(await settle(ann('two'))).toEqual({ replaced: [], changed: [ANN] });
      expect(await has()).toEqual({ factor: true, session: false });
    });

    it('inherit nothing from a former user of that name', async () => {
      await settle(ann('one'), bob);
      const has = await setUp();
      await settle(bob);
      const announced: (string | null)[] = [];
      const stop = accounts.watch((id) => announced.push(id));
      expect(await settle(ann('two'), bob)).toEqual({ replaced: [ANN], changed: [] });
      stop();
      expect(await has()).toEqual({ factor: false, session: false });
      expect(announced).toContain(ANN);
    });

    it('inherit nothing from a user who was removed before users were noted', async () => {
      const has = await setUp();
      await settle(bob);
      expect(await settle(ann('one'), bob)).toEqual({ replaced: [ANN], changed: [] });
      expect(await has()).toEqual({ factor: false, session: false });
    });

    it('are not concluded to be gone from the first file, if it is empty', async () => {
      const has = await setUp();
      await settle();
      expect(await settle(ann('one'))).toEqual(NOBODY_NEW);
      expect(await has()).toEqual(ALL);
    });

    it('keep their factors however long they were absent, if an operator gave the id', async () => {
      await settle(ann('one', { isLasting: true }));
      const has = await setUp();
      await settle(bob);
      expect(await settle(ann('two', { isLasting: true }))).toEqual({
        replaced: [],
        changed: [ANN],
      });
      expect(await has()).toEqual({ factor: true, session: false });
    });

    it('are those of one directory', async () => {
      await settle(ann('one'));
      const has = await setUp();
      await accounts.settleUsers('file2', [], clock.now());
      await accounts.settleUsers('fil', [bob], clock.now());
      expect(await settle(ann('one'))).toEqual(NOBODY_NEW);
      expect(await has()).toEqual(ALL);
    });

    it.each([
      ['an id', ann('one', { id: '' })],
      ['a mark', ann('')],
      ['a short mark', ann('x'.repeat(65))],
    ])('need %s', async (_, user) => {
      await expect(settle(user)).rejects.toMatchObject({ code: 'named-user/shape' });
    });
  });
}
