/** Single use: SET NX, so that of many simultaneous attempts on all gateways exactly one is the first. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Marks } from '../../core/values/system.ts';
import type { Run } from './link/commands.ts';
import { keysOf } from './keys.ts';

/** The marks of one Redis. */
export function redisMarks(
  run: Run,
  prefix: string,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): Marks {
  const { clock, vault } = tools;
  const keys = keysOf(prefix, vault);
  return {
    async take(key, until) {
      const ttl = Math.ceil(until) - clock.now();
      // A mark that cannot be stored would not be single use.
      if (!(ttl > 0)) return false;
      const done = await run((client) =>
        client.set(keys.mark(key), '', 'PX', String(Math.ceil(ttl)), 'NX'),
      );
      return done === 'OK';
    },
  };
}
