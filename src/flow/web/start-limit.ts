/** Limits how many plans an address may store: each first POST takes a try, and each completed run returns it. */
import { isFull } from '../../core/values/problem.ts';
import type { Throttle } from '../../core/values/system.ts';
import { type Counter, countersOf, releaseAll, takeAll } from '../proving/tries.ts';
import type { Run } from '../run/run.ts';
import { DEFAULT_RULES, type ThrottleRules } from '../run/throttle-rules.ts';

/** What it needs. */
export interface StartLimitPorts {
  readonly stores: { readonly throttle: Throttle };
  readonly rules?: ThrottleRules;
}

/** Seconds to wait before this address may store another plan, or 0. */
export async function waitToStart(ports: StartLimitPorts, run: Run): Promise<number> {
  const retryAt = await takeAll(ports.stores.throttle, countersFor(ports, run), run.now).catch(
    (caught: unknown) => {
      // Signing out works on a full store, which takes no plan that this limit could bound.
      if (run.flow.designation !== 'invalidation' || !isFull(caught)) throw caught;
      return null;
    },
  );
  return retryAt === null ? 0 : Math.max(1, Math.ceil((retryAt - run.now) / 1000));
}

/** A completed run does not count against the limit; an office may share one address. */
export async function returnStart(ports: StartLimitPorts, run: Run): Promise<void> {
  // Named fallback: the run is over either way, and a counter that stays expires by itself.
  await releaseAll(ports.stores.throttle, countersFor(ports, run)).catch(() => undefined);
}

function countersFor({ rules = DEFAULT_RULES }: StartLimitPorts, run: Run): readonly Counter[] {
  return countersOf('start', run.facts.clientIp, rules.start);
}
