/** Pages that the hot path needs; made in pages/, handed to the gate by compose.ts. */
import type { Body } from '../request/dialect.ts';
import type { DecisionTrace } from '../access/decision-trace.ts';
import type { Reason } from '../values/reason.ts';
import type { WhyLevel } from '../access/why.ts';

/** What a refusal page tells. */
export interface RefusalView {
  readonly status: number;
  /** Stable code of the first reason or of the problem. */
  readonly code: string;
  readonly reasons: readonly Reason[];
  /** How much of the reason may be told; left out: the reasons in words. */
  readonly why?: WhyLevel;
  /** What every rule said, where that may be told. */
  readonly trace?: DecisionTrace | null;
  readonly requestId: string;
  /** Host asked for, canonical or `''`. */
  readonly host: string;
  /** Display name of who is signed in, or null. */
  readonly user: string | null;
  /** Link to sign in as somebody else, or null. */
  readonly signInUrl: string | null;
  /** The portal. */
  readonly homeUrl: string;
  /** Seconds to wait, or 0. */
  readonly retryAfter: number;
  /** The Accept-Language header, or null. */
  readonly language: string | null;
}

/** Renders refusals as HTML. Never throws. */
export interface RefusalPages {
  refusal(view: RefusalView): Body;
  /** Content-Security-Policy for these pages. */
  readonly csp: string;
}
