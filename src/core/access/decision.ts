/** What was decided about a request, and why. Made by decide, heard by every door. */
import type { Outcome } from './policy.ts';
import type { Reason } from '../values/reason.ts';
import type { Route, Rule } from './route.ts';
import type { Session } from '../people/session.ts';
import type { User } from '../people/user.ts';

/** An enabled user with a live session. */
export interface SessionVisitor {
  readonly session: Session;
  readonly user: User;
}

/** An enabled user, or a service user, by a token. No credential reader yields one yet. */
export interface GrantVisitor {
  /** A token has no sign-in: no maximum age and no required method is ever satisfied. */
  readonly session: null;
  readonly grant: Grant;
  readonly user: User;
}

/** What a token stands for. */
interface Grant {
  /** The token's public id, for logs, limits and revocation. */
  readonly id: string;
  /** Absolute end, epoch milliseconds, or null. */
  readonly expiresAt: number | null;
}

export type Visitor = SessionVisitor | GrantVisitor;

export type Decision = Allow | Authenticate | Deny;

/** What one rule came to. */
export interface EvaluatedRule {
  readonly rule: Rule;
  readonly outcome: Outcome;
  /** Why the session is too old for the rule, or null. */
  readonly stale: Reason | null;
}

interface Decided {
  /** The rules that guard the request; empty when there are none. */
  readonly rules: readonly Rule[];
  /**
   * What those of them came to that were judged: none that is public, none for nobody, none after a
   * rule that denies. The decision was made of nothing else; see decision-trace.ts.
   */
  readonly evaluated: readonly EvaluatedRule[];
  /** Never empty; on a no, every reason there is. */
  readonly reasons: readonly Reason[];
  /** What dry-run bindings would have refused. */
  readonly dryRun: readonly Reason[];
}

interface Allow extends Decided {
  readonly kind: 'allow';
  readonly route: Route;
  readonly rule: Rule;
  /** Null on a public path that nobody signed in for. */
  readonly visitor: Visitor | null;
}

/** Somebody must run a flow first and is then sent back. */
interface Authenticate extends Decided {
  readonly kind: 'authenticate';
  readonly route: Route;
  readonly rule: Rule;
  readonly flow: string;
  /** Where to come back to: an URL of this very route. */
  readonly returnTo: string;
  readonly visitor: Visitor | null;
}

interface Deny extends Decided {
  readonly kind: 'deny';
  readonly status: 400 | 403 | 404 | 405 | 414 | 421;
  /** Null when no route answers to the host. */
  readonly route: Route | null;
  readonly rule: Rule | null;
  readonly visitor: Visitor | null;
}
