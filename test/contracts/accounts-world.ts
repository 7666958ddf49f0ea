/** What every part of the contract of accounts runs in: a fresh store for each test, opened twice. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import type { Accounts } from '../../src/core/people/account.ts';
import type { TestClock } from '../support/state.ts';

/** One store, fresh for each test. */
export interface AccountsWorld {
  readonly clock: TestClock;
  /** Another instance on the same store, as another process has it; closed by `end`. */
  readonly open: () => Promise<Accounts>;
  readonly end: () => Promise<void>;
}

/** The store of the test that runs. */
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
