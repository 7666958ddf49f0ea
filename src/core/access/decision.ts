/** The result of `decide`: what was decided about a request, and why. */

import type { Session } from '../people/session.ts';
import type { User } from '../people/user.ts';
import type { Grant } from '../routes/grant.ts';
import type { Reason } from '../values/reason.ts';
import type { Outcome } from '../policy/policy.ts';
import type { Route, RuledReading, Rule } from '../routes/route.ts';

/** An enabled user with a live session. */
export interface SessionVisitor {
  readonly session: Session;
  readonly user: User;
}

/** An enabled user or service user, identified by what a program shows in place of a session. */
export interface GrantVisitor {
  /** A token has no sign-in, so it never satisfies a maximum age or a required method. */
  readonly session: null;
  readonly grant: Grant;
  readonly user: User;
}

export type Visitor = SessionVisitor | GrantVisitor;

export type Decision = Allow | Authenticate | Deny;

/** The result of one rule. */
export interface EvaluatedRule {
  readonly rule: Rule;
  readonly outcome: Outcome;
  /** Why the session is too old for the rule, or null. */
  readonly stale: Reason | null;
}

/** The result of a rule's `publicIf`. */
export interface EvaluatedCondition {
  readonly rule: Rule;
  /** Whether the rule requires no session for this request. */
  readonly isOpen: boolean;
  readonly outcome: Outcome;
}

interface Decided {
  /** The rules that guard the request; empty if no rule matches. */
  readonly rules: readonly Rule[];
  /** The readings of the path with their rules; empty if it has only one. */
  readonly readings: readonly RuledReading[];
  /**
   * The rules that were evaluated. With `conditions`, nothing else led to the decision. Rules that
   * are public or opened by a condition are not evaluated, nor any rule for an anonymous visitor,
   * nor the rules after one that denies. See decision-trace.ts.
   */
  readonly evaluated: readonly EvaluatedRule[];
  /** The conditions under which rules require no session; empty if none has any. */
  readonly conditions: readonly EvaluatedCondition[];
  /** Never empty. If access is not granted, contains every reason. */
  readonly reasons: readonly Reason[];
  /** Reasons of dry-run bindings that would have denied. */
  readonly dryRun: readonly Reason[];
}

/** The request may pass. */
export interface Allow extends Decided {
  readonly kind: 'allow';
  readonly route: Route;
  readonly rule: Rule;
  /** Null if no rule requires a session and the visitor has none. */
  readonly visitor: Visitor | null;
}

/** The visitor must run a flow first and then returns. */
interface Authenticate extends Decided {
  readonly kind: 'authenticate';
  readonly route: Route;
  readonly rule: Rule;
  readonly flow: string;
  /** A URL of the same route to return to. */
  readonly returnTo: string;
  readonly visitor: Visitor | null;
}

export interface Deny extends Decided {
  readonly kind: 'deny';
  readonly status: 400 | 401 | 403 | 404 | 405 | 414 | 421 | 429;
  /** With 429: after how many seconds to try again. */
  readonly retryAfter?: number;
  /** Null if no route serves the host. */
  readonly route: Route | null;
  readonly rule: Rule | null;
  readonly visitor: Visitor | null;
}
