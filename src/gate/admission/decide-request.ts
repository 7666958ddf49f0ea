/**
 * The one decision behind every endpoint: facts → visitor → signals → decide. Synchronous when the
 * visitor is remembered and no rule needs signals. Never turns a fault into an allow.
 */
import { type DecideInput, decide, inputOf } from '../../core/access/decide.ts';
import type { Decision } from '../../core/access/decision.ts';
import { neededBy, type SignalName, type Signals } from '../../core/access/policy.ts';
import type { Match, RouteTable } from '../../core/access/route.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import {
  absenceOf,
  type Found,
  presentOf,
  type Purpose,
  type Visitors,
} from '../../core/access/visitors.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
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
      signals: NO_SIGNALS,
      now,
    };
    // Policies are not evaluated for anonymous visitors, so no signals are needed either.
    if (signals === undefined || visitor === null) return decide(input);
    const needy = needyMatch(table, facts);
    if (needy === null) return decide(input);
    const { user, session } = visitor;
    const query = {
      ...inputOf(input, needy, visitor),
      device: session?.device ?? null,
      subject: { login: user.name, userId: user.id },
    };
    return signals(neededOf(needy), query).then((gathered) =>
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
    return decision;
  };
  return (snapshot, facts, purpose = 'use') => {
    const found = visitors.find(facts, purpose);
    if (!(found instanceof Promise)) return conclude(snapshot, facts, found);
    return found.then(
      (later) => conclude(snapshot, facts, later),
      (caught: unknown) => withoutVisitor(snapshot, facts, caught),
    );
  };
}

const tablesWithoutNeeds = new WeakSet<RouteTable>();
const tablesWithNeeds = new WeakSet<RouteTable>();

/** The rules for a request if any of them needs signals. A table without one pays a single lookup. */
function needyMatch(table: RouteTable, facts: RequestFacts): Match | null {
  if (tablesWithoutNeeds.has(table)) return null;
  if (!tablesWithNeeds.has(table)) {
    const gates = table.routes.flatMap((route) => route.rules.map((rule) => rule.policies));
    const isNeedy = neededBy(gates).length > 0;
    (isNeedy ? tablesWithNeeds : tablesWithoutNeeds).add(table);
    if (!isNeedy) return null;
  }
  const found = table.find(facts);
  return 'refused' in found || neededOf(found).length === 0 ? null : found;
}

function neededOf({ rules }: Match): readonly SignalName[] {
  return neededBy(rules.map((rule) => rule.policies));
}
