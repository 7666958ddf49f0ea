/** Handovers in Redis. One script reads and deletes, so a code is redeemed at most once. */
import {
  handoverName,
  type HandoverStore,
  openHandover,
  sealHandover,
} from '../../core/people/handover.ts';
import type { AdapterTools } from '../../core/setup/adapters.ts';
import { Problem } from '../../core/values/problem.ts';
import { keysOf } from './keys.ts';
import type { Run } from './link/commands.ts';

/** The handovers of one Redis. */
export function redisHandovers(
  run: Run,
  prefix: string,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): HandoverStore {
  const { clock, vault } = tools;
  const keys = keysOf(prefix, vault);
  return {
    async put(code, handover) {
      const ttl = Math.ceil(handover.until - clock.now());
      const sealed = Buffer.from(sealHandover(vault, code, handover));
      const key = keys.handover(handoverName(vault, code));
      const done = await run((client) => client.set(key, sealed, 'PX', ttl, 'NX'));
      if (done !== 'OK') throw new Problem('internal', 'A handover code was used twice.');
    },
    async take(code) {
      const key = keys.handover(handoverName(vault, code));
      const sealed = await run((client) => client.doorwardRedeemBuffer(key));
      const handover = sealed === null ? null : openHandover(vault, code, sealed);
      // Redis expires keys by its own clock.
      return handover !== null && clock.now() < handover.until ? handover : null;
    },
  };
}
