/**
 * The setup shared by all parts of the account contract: each test gets a fresh store, which it can
 * open a second time.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import type { Accounts } from '../../src/core/people/account.ts';
import type { TestClock } from '../support/state.ts';

/** One store, fresh for each test. */
export interface AccountsWorld {
  readonly clock: TestClock;
  /** Another instance on the same store, as another process would open it. `end` closes it. */
  readonly open: () => Promise<Accounts>;
  readonly end: () => Promise<void>;
}

/** The store of the running test. */
export interface Opened {
  readonly world: AccountsWorld;
  readonly accounts: Accounts;
  /** Another instance on the same store. */
  readonly other: Accounts;
}

export const ANN = 'embedded/ann';
export const BOB = 'file/{*}\n\0 Zoë';

/** 128 random bits. */
export function newId(): string {
  return randomBytes(16).toString('base64url');
}

/** Opens a store before each test of this block and ends it after the test. */
export function eachOnFreshStore(begin: () => Promise<AccountsWorld>): () => Opened {
  let opened: Opened | null = null;
  beforeEach(async () => {
    const world = await begin();
    opened = { world, accounts: await world.open(), other: await world.open() };
  });
  afterEach(() => opened?.world.end());
  return () => {
    if (opened === null) throw new Error('no test runs');
    return opened;
  };
}
