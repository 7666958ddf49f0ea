/**
 * Records how an attempt to prove a user ended in the reputation scores of the address, the login as
 * typed, and the account. Attempts that were not evaluated change no score, so throttling also
 * limits how fast a score can fall.
 */
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { ThrottleRule } from '../../core/values/system.ts';
import { accountKey, addressKey, loginKey } from '../../core/people/score.ts';
import type { Stores } from '../../core/setup/stores.ts';

/**
 * One point an hour. Otherwise an attacker could use their own account, or a password they know, to
 * make up for guesses at other accounts or at codes.
 */
const CREDIT: ThrottleRule = { free: 1, wait: 3_600_000, longest: 3_600_000, window: 3_600_000 };

/**
 * A wrong secret costs the address, the login as typed and the account one point each; a right one
 * returns one point to each, at most once an hour. Unknown logins cause as many writes. Rejects when
 * the store does.
 */
export async function noteOutcome(
  stores: Pick<Stores, 'throttle' | 'scores'>,
  { facts, now }: { readonly facts: Pick<RequestFacts, 'clientIp'>; readonly now: number },
  subject: Subject,
  outcome: 'right' | 'wrong',
): Promise<void> {
  const address = addressKey(facts.clientIp);
  const login = loginKey(subject.login);
  const account = accountKey(subject);
  if (outcome === 'wrong') {
    await Promise.all([address, login, account].map((key) => stores.scores.add(key, -1, now)));
    return;
  }
  for (const [key, credit] of [
    [address, `credit:${address} ${account}`],
    [login, `credit:${login}`],
    [account, `credit:${account}`],
  ] as const) {
    const { allowed } = await stores.throttle.take(credit, CREDIT, now);
    if (allowed) await stores.scores.add(key, 1, now);
  }
}
