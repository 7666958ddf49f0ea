/** When the user first and last signed in with this browser. Read-only. */
import { z } from 'zod';
import { defineSignal } from '../../core/access/signal.ts';

/** For one lookup in the accounts database, in milliseconds. */
const DEADLINE = 1_000;

/**
 * Its value is `{ firstAt, lastAt }` in epoch milliseconds, or null for a browser without the
 * cookie or without a sign-in of the user in the last 90 days. No value without a user.
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
        // Queried without a cookie as well, so both cases take the same time.
        const known = await accounts.devices(user.id, now);
        const found = known.find((one) => one.device === name);
        return found === undefined ? null : { firstAt: found.firstAt, lastAt: found.lastAt };
      },
      close: () => Promise.resolve(),
    });
  },
});
