/**
 * Notes how an attempt to prove a user went, for the scores of the address, of the login as typed and of
 * the account. What was not judged notes nothing, so that no score falls faster than throttling allows.
 */
import type { Subject } from '../../core/people/subject.ts';
import type { ThrottleRule } from '../../core/values/system.ts';
import { accountKey, addressKey, loginKey } from '../../core/people/score.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Run } from '../run/run.ts';

/**
 * Once an hour: whoever has an account of their own must not make up with it for all that they guess
 * at others, nor with a password that they know for the codes that they do not.
 */
const CREDIT: ThrottleRule = { free: 1, wait: 3_600_000, longest: 3_600_000, window: 3_600_000 };

/**
 * A wrong answer costs a point of the address, of the login as typed and of the account; a right one
 * gives one back to each, once an hour. As many writes for unknown logins. Rejects as the store does.
 */
export async function noteOutcome(
  { stores }: Pick<FlowDeps, 'stores'>,
  { facts, now }: Pick<Run, 'facts' | 'now'>,
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
