/** Identity headers of an allow, made once for each user and configuration. Empty, never absent, for anonymous visitors. */
import type { Decision } from '../../core/access/decision.ts';
import { type IdentityHeaders, identityValues } from '../../core/access/identity.ts';
import type { Route } from '../../core/routes/route.ts';
import type { Session } from '../../core/people/session.ts';
import type { User } from '../../core/people/user.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** Signs the user's identity for one app. `now` in epoch milliseconds. */
export type Assertion = (user: User, session: Session, route: Route, now: number) => string;

/** Every managed header with its value, flat. Callers must not change the list. */
export type IdentityOf = (snapshot: Snapshot, decision: Decision, now: number) => readonly string[];

/** Keeps the values as long as the user object lives; a changed user is another object. */
export function createIdentity(assertion: Assertion | null): IdentityOf {
  let configured: IdentityHeaders | null = null;
  let known = new WeakMap<User, readonly string[]>();
  let anonymous: readonly string[] = [];

  const valuesOf = (identity: IdentityHeaders, user: User | null): readonly string[] => {
    if (identity !== configured) {
      configured = identity;
      known = new WeakMap();
      anonymous = identityValues(identity, null);
    }
    if (user === null) return anonymous;
    let values = known.get(user);
    if (values === undefined) {
      values = identityValues(identity, user);
      known.set(user, values);
    }
    return values;
  };

  return ({ identity }, decision, now) => {
    const { visitor, route } = decision;
    const values = valuesOf(identity, visitor?.user ?? null);
    if (identity.assertion === null) return values;
    const session = visitor?.session ?? null;
    // An assertion says when and how the user signed in: without a session there is nothing to sign.
    const signed =
      visitor === null || session === null || route === null || assertion === null
        ? ''
        : assertion(visitor.user, session, route, now);
    return [...values, identity.assertion, signed];
  };
}
