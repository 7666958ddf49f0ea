/** Unsent forms in Redis. One script reads and deletes, so a form is sent at most once. */
import {
  openUnsent,
  sealUnsent,
  type UnsentForm,
  unsentName,
  type UnsentStore,
} from '../../core/access/unsent.ts';
import type { AdapterTools } from '../../core/setup/adapters.ts';
import { Problem } from '../../core/values/problem.ts';
import { keysOf } from './keys.ts';
import type { Run } from './link/commands.ts';

/** The unsent forms of one Redis. */
export function redisUnsent(
  run: Run,
  prefix: string,
  { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>,
): UnsentStore {
  const keys = keysOf(prefix, vault);
  const opened = (key: string, sealed: Buffer | null): UnsentForm | null => {
    const form = sealed === null ? null : openUnsent(vault, key, sealed);
    // Redis expires keys by its own clock.
    return form !== null && clock.now() < form.until ? form : null;
  };
  return {
    async put(key, form) {
      const ttl = Math.ceil(form.until - clock.now());
      const sealed = Buffer.from(sealUnsent(vault, key, form));
      const name = keys.unsent(unsentName(vault, key));
      const done = await run((client) => client.set(name, sealed, 'PX', ttl, 'NX'));
      if (done !== 'OK') throw new Problem('internal', 'A key of an unsent form was used twice.');
    },
    async read(key) {
      const name = keys.unsent(unsentName(vault, key));
      return opened(key, await run((client) => client.getBuffer(name)));
    },
    async take(key) {
      const name = keys.unsent(unsentName(vault, key));
      return opened(key, await run((client) => client.doorwardRedeemBuffer(name)));
    },
  };
}
