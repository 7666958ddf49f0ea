/**
 * Identity headers of an allow, made once for each user and set of headers. Empty, never absent, for
 * anonymous visitors.
 */
import type { Allow } from '../../core/access/decision.ts';
import { identityValues, namesOf, type ReservedNames } from '../../core/access/identity.ts';
import { originOf } from '../../core/access/return-to.ts';
import type { IdentityHeaders } from '../../core/people/identity.ts';
import type { Session } from '../../core/people/session.ts';
import type { User } from '../../core/people/user.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** The app that an assertion is for. */
export interface Audience {
  /** The route's id. */
  readonly id: string;
  /** The origin that was requested: `https://wiki.example.com`. */
  readonly origin: string;
}

/** Signs the user's identity for one app. `now` in epoch milliseconds. */
export type Assertion = (user: User, session: Session, audience: Audience, now: number) => string;

/** An allowed request. */
interface Allowed {
  readonly snapshot: Snapshot;
  readonly facts: RequestFacts;
  readonly decision: Pick<Allow, 'route' | 'visitor'>;
}

/** Every identity header of the route with its value, flat. Callers must not change the list. */
export type IdentityOf = (allowed: Allowed, now: number) => readonly string[];

interface Values {
  readonly anonymous: readonly string[];
  readonly users: WeakMap<User, readonly string[]>;
}

/** Keeps the values as long as the user object lives; a changed user is another object. */
export function createIdentity(assertion: Assertion | null): IdentityOf {
  const known = new WeakMap<IdentityHeaders, Values>();

  const valuesOf = (identity: IdentityHeaders, user: User | null): readonly string[] => {
    let all = known.get(identity);
    if (all === undefined) {
      all = { anonymous: identityValues(identity, null), users: new WeakMap() };
      known.set(identity, all);
    }
    if (user === null) return all.anonymous;
    let values = all.users.get(user);
    if (values === undefined) {
      values = identityValues(identity, user);
      all.users.set(user, values);
    }
    return values;
  };

  return ({ snapshot, facts, decision: { route, visitor } }, now) => {
    const { identity } = route;
    const values = valuesOf(identity, visitor?.user ?? null);
    if (identity.assertions.length === 0) return values;
    const session = visitor?.session ?? null;
    // An assertion says when and how the user signed in: without a session there is nothing to sign.
    let signed = '';
    if (visitor !== null && session !== null && assertion !== null) {
      const origin = originOf(siteOf(snapshot, facts.host), facts.host, facts.port);
      signed = assertion(visitor.user, session, { id: route.id, origin }, now);
    }
    return [...values, ...identity.assertions.flatMap((name) => [name, signed])];
  };
}

const others = new WeakMap<IdentityHeaders, readonly string[]>();

/**
 * The identity headers of other routes, empty; flat. A configuration that serves several routes
 * copies all names from a check's reply, and some proxies keep the client's value of a header that
 * the reply does not contain (GHSA-7r4p-vjf4-gxv4).
 */
export function othersEmpty(reserved: ReservedNames, identity: IdentityHeaders): readonly string[] {
  let flat = others.get(identity);
  if (flat === undefined) {
    const own = new Set(namesOf(identity).map((name) => name.toLowerCase()));
    const foreign = reserved.names.filter((name) => !own.has(name.toLowerCase()));
    flat = foreign.flatMap((name) => [name, '']);
    others.set(identity, flat);
  }
  return flat;
}
