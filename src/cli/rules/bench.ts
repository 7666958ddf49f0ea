/** What the tests of a configuration run with, and the result of one. */

import type { User } from '../../core/people/user.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** What tests run with. */
export interface Bench {
  readonly snapshot: Snapshot;
  /** Epoch milliseconds, for tests without a time. */
  readonly now: number;
  /** A user of any directory, or null. */
  readonly find: (login: string) => Promise<User | null>;
}

/** The result of one test. */
export interface TestResult {
  readonly isAsExpected: boolean;
  readonly expected: string;
  readonly got: string;
  /** The trace in short. */
  readonly because: string;
}
