/** Tries in Redis: counted and limited by one script, so parallel tries cannot exceed the limit. */
import type { Throttle, Vault } from '../../core/values/system.ts';
import type { Run } from './link/commands.ts';
import { keysOf } from './keys.ts';

/** The counters of one Redis. */
export function redisThrottle(run: Run, prefix: string, tools: { vault: Vault }): Throttle {
  const keys = keysOf(prefix, tools.vault);
  return {
    async take(key, rule, now) {
      const args = [rule.free, rule.wait, rule.longest, rule.window, now].map(String);
      const [allowed, retryAt] = await run((client) =>
        client.doorwardTake(keys.tries(key), ...args),
      );
      return { allowed: allowed === 1, retryAt: Number(retryAt) };
    },
    async release(key, how) {
      const name = keys.tries(key);
      await run((client) => (how === 'all' ? client.del(name) : client.doorwardGiveBack(name)));
    },
  };
}
