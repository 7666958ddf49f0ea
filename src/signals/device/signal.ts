/** When the user signed in in this browser first and last. Only reads. */
import { z } from 'zod';
import { defineSignal } from '../../core/access/signal.ts';

/** One look into the file of accounts; in milliseconds. */
const DEADLINE = 1_000;

/**
 * Its value is `{ firstAt, lastAt }` in epoch milliseconds, or null for a browser that brought no cookie
 * or in which the user has not signed in for 90 days. No value without a user.
 */
export const device = defineSignal({
  name: 'device',
  config: z
    .strictObject({})
    .describe('Since when the user signs in with this browser. No options.'),
  deadline: DEADLINE,
  open(_options, { accounts }) {
    return Promise.resolve({
      async gather({ user, device: name, now }) {
        if (user === null) return undefined;
        // Asked without a cookie as well, so that both take the same time.
        const known = await accounts.devices(user.id, now);
        const found = known.find((one) => one.device === name);
        return found === undefined ? null : { firstAt: found.firstAt, lastAt: found.lastAt };
      },
      close: () => Promise.resolve(),
    });
  },
});
