/**
 * The one decision behind every endpoint: facts → visitor → signals → decide. Synchronous when the
 * visitor is remembered and no rule needs signals. Never turns a fault into an allow.
 */
import { type DecideInput, decide, neededFor, queryOf } from '../../core/access/decide.ts';
import type { Decision, Visitor } from '../../core/access/decision.ts';
import { neededBy, type Signals } from '../../core/policy/policy.ts';
import {
  type Accepts,
  acceptedByAll,
  readsAuthorization,
  takesCertificates,
} from '../../core/routes/accepts.ts';
import { isPreflight } from '../../core/routes/cors.ts';
import type { Match, RouteTable } from '../../core/routes/route.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import {
  absenceOf,
  type Found,
  presentOf,
  type Purpose,
  retryAtOf,
  type Visitors,
} from '../../core/access/visitors.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { isMalformed } from '../../core/proof/authorization.ts';
import { shownCertificate } from '../../core/credential/certificate.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Clock } from '../../core/values/system.ts';

/** What deciding needs. */
export interface DecideParts {
  readonly visitors: Pick<Visitors, 'find'>;
  readonly clock: Clock;
  /** Without it nothing is gathered, and bindings that need signals refuse. */
  readonly signals?: SignalSource;
}

/**
 * Decides about a request under one snapshot. Rejects with a Problem when the store or directory
 * is down and the visitor matters. `purpose` as for `Visitors.find`; default `use`.
 */
export type DecideRequest = (
  snapshot: Snapshot,
  facts: RequestFacts,
  purpose?: Purpose,
) => Decision | Promise<Decision>;

const NO_SIGNALS: Signals = {};

/** Joins visitors, signals and time. */
export function createDecideRequest({ visitors, clock, signals }: DecideParts): DecideRequest {
  const conclude = (
    snapshot: Snapshot,
    facts: RequestFacts,
    found: Found,
  ): Decision | Promise<Decision> => {
    const { table } = snapshot;
    const now = clock.now();
    const visitor = presentOf(found);
    const input: DecideInput = {
      table,
      site: siteOf(snapshot, facts.host),
      facts,
      visitor,
      absence: absenceOf(found),
      retryAt: retryAtOf(found),
      signals: NO_SIGNALS,
      now,
    };
    if (signals === undefined) return decide(input);
    const needy = needyMatch(table, facts, visitor);
    if (needy === null) return decide(input);
    return signals(neededFor(needy, visitor), queryOf(input, needy)).then((gathered) =>
      decide({ ...input, signals: gathered }),
    );
  };
  /** The visitor cannot be known now: public paths and certain refusals stand, all else fails. */
  const withoutVisitor = async (
    snapshot: Snapshot,
    facts: RequestFacts,
    fault: unknown,
  ): Promise<Decision> => {
    const decision = await conclude(snapshot, facts, null);
    if (decision.kind === 'authenticate') throw fault;
    // Nor must a program take a fault for a wrong credential.
    if (decision.kind === 'deny' && decision.status === 401) throw fault;
    return decision;
  };
  return (snapshot, facts, purpose = 'use') => {
    const { table } = snapshot;
    const needs = needsOf(table);
    if (needs.settled && isSettled(table, facts)) return conclude(snapshot, facts, null);
    const accepts = showsCredential(snapshot, needs, facts) ? acceptedBy(table, facts) : null;
    const found = visitors.find(facts, purpose, accepts);
    if (!(found instanceof Promise))
      return conclude(snapshot, facts, orMalformed(found, facts, accepts));
    return found.then(
      (later) => conclude(snapshot, facts, orMalformed(later, facts, accepts)),
      (caught: unknown) => withoutVisitor(snapshot, facts, caught),
    );
  };
}

/** What the rules of a table need to decide: signals, and the visitor. */
interface Needs {
  readonly anonymous: boolean;
  readonly identified: boolean;
  /** Some requests are decided without the visitor: a rule is closed, or preflights are passed on. */
  readonly settled: boolean;
  /** Some rules read the Authorization field. */
  readonly authorized: boolean;
  /** Some rules accept client certificates. */
  readonly certified: boolean;
}

const needsOfTables = new WeakMap<RouteTable, Needs>();

/**
 * The rules for a request if any of them needs signals to decide about this visitor. A table without
 * such rules pays a single lookup.
 */
function needyMatch(table: RouteTable, facts: RequestFacts, visitor: Visitor | null): Match | null {
  const needs = needsOf(table);
  if (visitor === null ? !needs.anonymous : !needs.identified) return null;
  const found = table.find(facts);
  return 'refused' in found || neededFor(found, visitor).length === 0 ? null : found;
}

/** Whether a request shows something in place of a session that some rule accepts. */
function showsCredential(
  { certificates: [certificate] }: Snapshot,
  { authorized, certified }: Needs,
  facts: RequestFacts,
): boolean {
  if (authorized && (facts.header('authorization') !== null || facts.isRepeated('authorization'))) {
    return true;
  }
  if (!certified || certificate === undefined) return false;
  return shownCertificate(facts, certificate.header) !== null;
}

/** What was found; of a request without any other credential, that the one it shows is malformed. */
function orMalformed(found: Found, facts: RequestFacts, accepts: Accepts | null): Found {
  if (found !== null || accepts === null) return found;
  return isMalformed(facts, accepts) ? MALFORMED : null;
}

const MALFORMED: Found = { rejected: 'credential/malformed' };

/** What counts in place of a session. */
function acceptedBy(table: RouteTable, facts: RequestFacts): Accepts | null {
  const found = table.find(facts);
  return 'refused' in found ? null : acceptedByAll(found.rules);
}

/** Whether the decision is the same for all visitors, so that none is looked up. */
function isSettled(table: RouteTable, facts: RequestFacts): boolean {
  const found = table.find(facts);
  if ('refused' in found) return false;
  return found.rules.some(({ closed }) => closed) || isPreflight(found.route.cors, facts, 'pass');
}

function needsOf(table: RouteTable): Needs {
  const known = needsOfTables.get(table);
  if (known !== undefined) return known;
  const rules = table.routes.flatMap((route) => route.rules);
  const conditions = rules.flatMap(({ publicIf }) => publicIf ?? []);
  const anonymous = neededBy(conditions).length > 0;
  const needs = {
    anonymous,
    identified: anonymous || neededBy(rules.map(({ policies }) => policies)).length > 0,
    settled:
      rules.some(({ closed }) => closed) ||
      table.routes.some(({ cors }) => cors?.preflight === 'pass'),
    authorized: readsAuthorization(rules),
    certified: takesCertificates(rules),
  };
  needsOfTables.set(table, needs);
  return needs;
}
