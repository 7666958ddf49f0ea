/** The result of `decide`: what was decided about a request, and why. */

import type { Session } from '../people/session.ts';
import type { User } from '../people/user.ts';
import type { Reason } from '../values/reason.ts';
import type { Outcome } from './policy.ts';
import type { Route, RuledReading, Rule } from './route.ts';

/** An enabled user with a live session. */
export interface SessionVisitor {
  readonly session: Session;
  readonly user: User;
}

/** An enabled user or service user, identified by a token. No credential reader returns one yet. */
export interface GrantVisitor {
  /** A token has no sign-in, so it never satisfies a maximum age or a required method. */
  readonly session: null;
  readonly grant: Grant;
  readonly user: User;
}

/** The permission that a token carries. */
interface Grant {
  /** Public id of the token, for logs, limits and revocation. */
  readonly id: string;
  /** Absolute end in epoch milliseconds, or null. */
  readonly expiresAt: number | null;
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

interface Decided {
  /** The rules that guard the request; empty if no rule matches. */
  readonly rules: readonly Rule[];
  /** The readings of the path with their rules; empty if it has only one. */
  readonly readings: readonly RuledReading[];
  /**
   * The rules that were evaluated, and nothing else led to the decision. Public rules are not
   * evaluated, nor any rule for an anonymous visitor, nor the rules after one that denies. See
   * decision-trace.ts.
   */
  readonly evaluated: readonly EvaluatedRule[];
  /** Never empty. If access is not granted, contains every reason. */
  readonly reasons: readonly Reason[];
  /** Reasons of dry-run bindings that would have denied. */
  readonly dryRun: readonly Reason[];
}

interface Allow extends Decided {
  readonly kind: 'allow';
  readonly route: Route;
  readonly rule: Rule;
  /** Null on a public path without a sign-in. */
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

interface Deny extends Decided {
  readonly kind: 'deny';
  readonly status: 400 | 403 | 404 | 405 | 414 | 421;
  /** Null if no route serves the host. */
  readonly route: Route | null;
  readonly rule: Rule | null;
  readonly visitor: Visitor | null;
}
