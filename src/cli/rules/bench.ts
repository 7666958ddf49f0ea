/** What the tests of a configuration are run with, and what comes of one. */

import type { User } from '../../core/people/user.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** What tests are run with. */
export interface Bench {
  readonly snapshot: Snapshot;
  /** Epoch milliseconds, for tests that say no time. */
  readonly now: number;
  /** Somebody whom a directory knows, or null. */
  readonly find: (login: string) => Promise<User | null>;
}

/** What came of one. */
export interface Came {
  readonly isAsExpected: boolean;
  readonly expected: string;
  readonly got: string;
  /** The trace in short. */
  readonly because: string;
}
