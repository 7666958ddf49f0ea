/**
 * One judgement behind every door: facts → visitor → signals → decide. Stays synchronous when
 * the visitor is remembered and no rule asks for signals; never turns a fault into a yes.
 */
import { type DecideInput, decide } from '../core/decide.ts';
import type { Decision, Visitor } from '../core/decision.ts';
import type { RequestFacts } from '../core/facts.ts';
import type { SignalName, Signals } from '../core/policy.ts';
import type { Clock } from '../core/ports.ts';
import type { RouteTable } from '../core/route.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { type Found, presentOf, type Visitors } from '../core/visitors.ts';

/** Gathers named data from outside. A name it cannot serve is left out, which is a no. */
type SignalSource = (
  names: readonly SignalName[],
  facts: RequestFacts,
  visitor: Visitor | null,
) => Promise<Signals>;

/** What judging needs. */
export interface JudgeParts {
  readonly visitors: Visitors;
  readonly clock: Clock;
  /** Left out: nothing is gathered, and bindings that need signals are a no. */
  readonly signals?: SignalSource;
}

/** Judges a request under one snapshot. Rejects with a Problem when the store or directory is down and it matters who asks. */
export type Judge = (snapshot: Snapshot, facts: RequestFacts) => Decision | Promise<Decision>;

const NO_SIGNALS: Signals = {};

/** Joins visitors and time into a judge. */
export function createJudge({ visitors, clock, signals }: JudgeParts): Judge {
  const conclude = (
    snapshot: Snapshot,
    facts: RequestFacts,
    found: Found,
  ): Decision | Promise<Decision> => {
    const { table, site } = snapshot;
    const now = clock.now();
    const visitor = presentOf(found);
    const isElsewhere = found !== visitor;
    const input: DecideInput = {
      table,
      site,
      facts,
      visitor,
      isElsewhere,
      signals: NO_SIGNALS,
      now,
    };
    if (signals === undefined) return decide(input);
    const needed = neededSignals(table, facts);
    if (needed.length === 0) return decide(input);
    return signals(needed, facts, visitor).then((gathered) =>
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
  return (snapshot, facts) => {
    const found = visitors.find(facts.header('cookie'), facts.clientIp);
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

/** Only routes that bind a policy with needs pay for signals; a table without any pays one lookup. */
function neededSignals(table: RouteTable, facts: RequestFacts): readonly SignalName[] {
  if (tablesWithoutNeeds.has(table)) return [];
  if (!tablesWithNeeds.has(table)) {
    const isNeedy = table.routes.some((route) =>
      route.rules.some((rule) => rule.gate.bindings.some((b) => b.needs.length > 0)),
    );
    (isNeedy ? tablesWithNeeds : tablesWithoutNeeds).add(table);
    if (!isNeedy) return [];
  }
  const found = table.find(facts);
  if ('refused' in found) return [];
  const names = new Set<SignalName>();
  for (const rule of found.rules) {
    for (const binding of rule.gate.bindings) for (const name of binding.needs) names.add(name);
  }
  return [...names];
}
