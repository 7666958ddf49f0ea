/** The plan store of tests. */
import type { Plan } from '../../src/core/flow/plan.ts';
import type { PlanStore } from '../../src/core/flow/plan-store.ts';

/** In-memory plans; compare-and-set according to the contract. */
export function fakePlans(): PlanStore & { readonly all: Map<string, Plan>; writes: number } {
  const all = new Map<string, Plan>();
  const store = {
    all,
    writes: 0,
    read: (id: string) => Promise.resolve(all.get(id) ?? null),
    write(plan: Plan, expected: number) {
      store.writes += 1;
      if ((all.get(plan.id)?.revision ?? 0) !== expected) return Promise.resolve(false);
      // As in every real store, plans are stored as JSON.
      all.set(plan.id, JSON.parse(JSON.stringify(plan)) as Plan);
      return Promise.resolve(true);
    },
  };
  return store;
}
