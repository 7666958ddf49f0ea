/** The state of a gateway: everything that one store implements. Promises reject with a Problem. */
import type { PlanStore } from '../flow/plan-store.ts';
import type { Scores } from '../people/score.ts';
import type { SessionStore } from '../people/session-store.ts';
import type { Marks, Throttle } from '../values/system.ts';

/** The state of a gateway: one adapter provides all of it over one connection or file. */
export interface Stores {
  readonly sessions: SessionStore;
  readonly plans: PlanStore;
  readonly throttle: Throttle;
  readonly marks: Marks;
  readonly scores: Scores;
  /** Rejects when the state cannot be used right now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
