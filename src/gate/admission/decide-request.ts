/**
 * One judgement behind every door: facts → visitor → signals → decide. Stays synchronous when
 * the visitor is remembered and no rule asks for signals; never turns a fault into a yes.
 */
import { type DecideInput, decide, inputOf } from '../../core/access/decide.ts';
import type { Decision } from '../../core/access/decision.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { neededBy, type SignalName, type Signals } from '../../core/access/policy.ts';
import type { Clock } from '../../core/values/system.ts';
import type { Match, RouteTable } from '../../core/access/route.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { absenceOf, type Found, presentOf, type Visitors } from '../../core/access/visitors.ts';

/** What judging needs. */
export interface JudgeParts {
  readonly visitors: Visitors;
  readonly clock: Clock;
  /** Left out: nothing is gathered, and bindings that need signals are a no. */
  readonly signals?: SignalSource;
}

/**
 * Judges a request under one snapshot. Rejects with a Problem when the store or directory is down and
 * it matters who asks. `isUse` as for `Visitors.find`: false when nobody asks just now.
 */
export type Judge = (
  snapshot: Snapshot,
  facts: RequestFacts,
  isUse?: boolean,
) => Decision | Promise<Decision>;

const NO_SIGNALS: Signals = {};

/** Joins visitors and time into a judge. */
export function createDecideRequest({ visitors, clock, signals }: JudgeParts): Judge {
  const conclude = (
    snapshot: Snapshot,
    facts: RequestFacts,
    found: Found,
  ): Decision | Promise<Decision> => {
    const { table, site } = snapshot;
    const now = clock.now();
    const visitor = presentOf(found);
    const input: DecideInput = {
      table,
      site,
      facts,
      visitor,
      absence: absenceOf(found),
      signals: NO_SIGNALS,
      now,
    };
    // Nobody is asked for nothing: without a visitor no policy is judged.
    if (signals === undefined || visitor === null) return decide(input);
    const needy = needyMatch(table, facts);
    if (needy === null) return decide(input);
    const { user, session } = visitor;
    const query = {
      ...inputOf(input, needy, visitor),
      device: session.device ?? null,
      subject: { login: user.name, userId: user.id },
    };
    return signals(neededOf(needy), query).then((gathered) =>
      decide({ ...input, signals: gathered }),
    );
  };
  /** Who it is cannot be told now: what is open to anybody, or to nobody, still is; all else is the fault. */
  const withoutVisitors = async (
    snapshot: Snapshot,
    facts: RequestFacts,
    fault: unknown,
  ): Promise<Decision> => {
    const decision = await conclude(snapshot, facts, null);
    if (decision.kind === 'authenticate') throw fault;
    return decision;
  };
  return (snapshot, facts, isUse = true) => {
    const found = visitors.find(facts.header('cookie'), facts.clientIp, isUse);
    if (found instanceof Promise) {
      return found.then(
        (later) => conclude(snapshot, facts, later),
        (caught: unknown) => withoutVisitors(snapshot, facts, caught),
      );
    }
    return conclude(snapshot, facts, found);
  };
}

const tablesWithoutNeeds = new WeakSet<RouteTable>();
const tablesWithNeeds = new WeakSet<RouteTable>();

/** The rules for a request, when any of them needs signals. A table without any such rule pays one lookup. */
function needyMatch(table: RouteTable, facts: RequestFacts): Match | null {
  if (tablesWithoutNeeds.has(table)) return null;
  if (!tablesWithNeeds.has(table)) {
    const gates = table.routes.flatMap((route) => route.rules.map((rule) => rule.gate));
    const isNeedy = neededBy(gates).length > 0;
    (isNeedy ? tablesWithNeeds : tablesWithoutNeeds).add(table);
    if (!isNeedy) return null;
  }
  const found = table.find(facts);
  return 'refused' in found || neededOf(found).length === 0 ? null : found;
}

function neededOf({ rules }: Match): readonly SignalName[] {
  return neededBy(rules.map((rule) => rule.gate));
}
