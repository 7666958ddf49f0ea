/**
 * Recent success of sign-in attempts from this address and for this account. Read-only; `prove()`
 * records attempts.
 */
import { z } from 'zod';
import { parseAddress } from '../../core/request/address.ts';
import { addressKey, shownKey } from '../../core/people/score.ts';
import { defineSignal } from '../../core/access/signal.ts';

/** For reading two numbers from the state, in milliseconds. */
const DEADLINE = 1_000;

/**
 * Its value is `{ address, account }`: scores, or null for an unreadable address and for the
 * account if there is no subject. Until the user is proved, `account` is the score of the typed
 * login.
 */
export const reputation = defineSignal({
  name: 'reputation',
  config: z.strictObject({}).describe('Points of the address and the account. No options.'),
  deadline: DEADLINE,
  open(_options, { stores }) {
    return Promise.resolve({
      async gather({ facts: { clientIp }, subject, session, now }) {
        const address = parseAddress(clientIp) === null ? null : addressKey(clientIp);
        const account = subject === null ? null : shownKey(subject, session);
        const keys = [address, account].filter((key) => key !== null);
        const scores = await stores.scores.read(keys, now);
        const scoreOf = (key: string | null): number | null =>
          key === null ? null : (scores[keys.indexOf(key)] ?? null);
        return { address: scoreOf(address), account: scoreOf(account) };
      },
      close: () => Promise.resolve(),
    });
  },
});
