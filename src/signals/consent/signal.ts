/** The user's consent for this app, expired or not. Read-only. */
import { z } from 'zod';
import { defineSignal } from '../../core/access/signal.ts';

/** For one lookup in the accounts database, in milliseconds. */
const DEADLINE = 1_000;

/**
 * Its value is `{ permissions, expiresAt }` (epoch milliseconds, or null for no expiry), or null
 * without any consent. No value without a user or an app.
 */
export const consent = defineSignal({
  name: 'consent',
  config: z.strictObject({}).describe('Which apps the user has allowed. No options.'),
  deadline: DEADLINE,
  open(_options, { accounts }) {
    return Promise.resolve({
      async gather({ user, route }) {
        if (user === null || route === null) return undefined;
        const last = await accounts.lastConsent(user.id, route.id);
        if (last === null) return null;
        return { permissions: last.permissions, expiresAt: last.expiresAt };
      },
      close: () => Promise.resolve(),
    });
  },
});
