/**
 * Proving somebody by password, the same from every stage: unknown, disabled and wrong cost and
 * look alike. Also how a failed proof of any method becomes a refusal.
 */

import type { Message } from '../values/message.ts';
import type { Subject } from '../people/subject.ts';
import { MAX_PASSWORD_BYTES } from '../people/password.ts';
import type { Reason } from '../values/reason.ts';
import type { Method } from '../people/session.ts';
import type { ProofResult, StageContext } from '../flow/stage.ts';
import type { User } from '../people/user.ts';

const encoder = new TextEncoder();

/**
 * Asks the directories, through the throttled proof. `user` is the subject as the directory knows it.
 * `among`: names of those that may be asked; whoever is from another is as good as unknown.
 */
export function provePassword(
  ctx: Pick<StageContext<unknown, 'directories'>, 'prove' | 'ports'>,
  subject: Subject,
  user: User | null,
  password: string,
  among: readonly string[] | null = null,
): Promise<ProofResult> {
  const { userId } = subject;
  const isAmong = among === null || among.some((name) => userId?.startsWith(`${name}/`) === true);
  return ctx.prove('password', subject, async () => {
    // Before hashing, and the same for everybody: the length says nothing about the account.
    if (encoder.encode(password).length > MAX_PASSWORD_BYTES) return 'wrong';
    const { directories } = ctx.ports;
    const verdict = await directories.verifyPassword(
      isAmong ? userId : null,
      password,
      subject.login,
    );
    const isOpen = isAmong && user !== null && user.id === userId && !user.disabled;
    return verdict === 'right' && !isOpen ? 'wrong' : verdict;
  });
}

/** A refused proof in words. `throttled` is given `{minutes}` when it is shown. */
export interface ProofWords {
  readonly wrong: Message;
  readonly busy: Message;
  readonly throttled: Message;
}

/** The same words for every stage; they are among those of the flow engine. */
const LOCKED = { reason: { code: 'factor/locked' }, refusal: { key: 'flow.refused.factors' } };

/** The parts of a refused `ask` step: `password/wrong`, `password/busy`, `password/throttled`, `factor/locked`. */
export function refusedProof(
  method: Method,
  proof: Exclude<ProofResult, { result: 'right' }>,
  words: ProofWords,
): { readonly reason: Reason; readonly refusal: Message; readonly retryAt?: number } {
  if (proof.result === 'locked') return LOCKED;
  const reason = { code: `${method}/${proof.result}` };
  const refusal = words[proof.result];
  return proof.result === 'throttled'
    ? { reason, refusal, retryAt: proof.retryAt }
    : { reason, refusal };
}
