/** Everything that a state store provides. Promises reject with a Problem. */
import type { PlanStore } from '../flow/plan-store.ts';
import type { HandoverStore } from '../people/handover.ts';
import type { Scores } from '../people/score.ts';
import type { UnsentStore } from '../access/unsent.ts';
import type { SessionStore } from '../people/session-store.ts';
import type { SourceSessions } from '../sources/source-session.ts';
import type { Marks, Throttle } from '../values/system.ts';

/** The state of a gateway. One adapter provides all of it over one connection or file. */
export interface Stores {
  readonly sessions: SessionStore;
  readonly sourceSessions: SourceSessions;
  readonly plans: PlanStore;
  readonly throttle: Throttle;
  readonly marks: Marks;
  readonly scores: Scores;
  readonly handovers: HandoverStore;
  readonly unsent: UnsentStore;
  /** Rejects if the state is currently unavailable. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
