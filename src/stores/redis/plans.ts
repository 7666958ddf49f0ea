/** Plans in Redis: revision and sealed bytes in one string, moved by compare-and-set. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { PlanStore } from '../../core/flow/plan-store.ts';
import { isStoredId, openPlan, sealPlan } from '../../core/flow/sealed.ts';
import type { Run } from './link/commands.ts';
import { keysOf } from './keys.ts';

/** The plans of one Redis. */
export function redisPlans(
  run: Run,
  prefix: string,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): PlanStore {
  const { clock, vault } = tools;
  const keys = keysOf(prefix, vault);
  return {
    async read(id) {
      if (!isStoredId(id)) return null;
      const value = await run((client) => client.getBuffer(keys.plan(id)));
      if (value === null) return null;
      const plan = openPlan(vault, id, value.subarray(value.indexOf(0x3a) + 1));
      return plan !== null && clock.now() < plan.expiresAt ? plan : null;
    },
    async write(plan, expected) {
      const ttl = Math.ceil(plan.expiresAt - clock.now());
      // An expired plan is gone for good: a replayed seed must not start it again.
      if (ttl <= 0) return false;
      const sealed = sealPlan(vault, plan, expected);
      const value = Buffer.concat([Buffer.from(`${plan.revision}:`), sealed]);
      const done = await run((client) =>
        client.doorwardPlan(keys.plan(plan.id), String(expected), value, String(ttl)),
      );
      return done === 1;
    },
  };
}
