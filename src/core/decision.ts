/** What was decided about a request, and why. Made by decide, heard by every door. */
import type { Reason } from './reason.ts';
import type { Route, Rule } from './route.ts';
import type { Session } from './session.ts';
import type { User } from './user.ts';

/** Somebody with a live session. */
export interface Visitor {
  readonly session: Session;
  readonly user: User;
}

export type Decision = Allow | Authenticate | Deny;

interface Decided {
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
