/**
 * Proving a user by password, the same for every stage: unknown and disabled users and wrong passwords
 * cost and look alike. Also turns a failed proof of any method into a rejection.
 */

import type { ProofResult, StageContext } from '../flow/stage.ts';
import type { Directory } from '../people/directory.ts';
import { MAX_PASSWORD_BYTES } from '../people/password.ts';
import type { Method } from '../people/session.ts';
import type { Subject } from '../people/subject.ts';
import type { User } from '../people/user.ts';
import type { Message } from '../values/message.ts';
import type { Reason } from '../values/reason.ts';

const encoder = new TextEncoder();

/** A right password that must be changed elsewhere first. Counted as a wrong one. */
interface Expired {
  readonly result: 'expired';
}

/**
 * Checks the password with the directories, through the throttled proof. `user` is the subject as the
 * directory knows it. `among`: names of the allowed directories; users of others count as unknown.
 */
export async function provePassword(
  ctx: Pick<StageContext<unknown>, 'prove'> & {
    readonly ports: { readonly directories: Pick<Directory, 'feignPassword' | 'verifyPassword'> };
  },
  { subject, user }: { readonly subject: Subject; readonly user: User | null },
  password: string,
  among: readonly string[] | null = null,
): Promise<ProofResult | Expired> {
  const { userId } = subject;
  const isAmong = among === null || among.some((name) => userId?.startsWith(`${name}/`) === true);
  let isExpired = false;
  const proof = await ctx.prove('password', subject, async ({ counts }) => {
    // Before hashing, and for every login: the length reveals nothing about the account.
    if (encoder.encode(password).length > MAX_PASSWORD_BYTES) return 'wrong';
    const { directories } = ctx.ports;
    const id = isAmong ? userId : null;
    const feigned =
      counts || id === null ? null : directories.feignPassword?.(id, password, subject.login);
    const verdict =
      (await feigned) ?? (await directories.verifyPassword(id, password, subject.login));
    const isOpen = isAmong && user !== null && user.id === userId && !user.disabled;
    isExpired = counts && verdict === 'expired' && isOpen;
    return verdict === 'expired' || (verdict === 'right' && !isOpen) ? 'wrong' : verdict;
  });
  return isExpired && proof.result === 'wrong' ? { result: 'expired' } : proof;
}

/** Texts for failed proofs. `throttled` is shown with `{minutes}`. */
export interface ProofWords {
  readonly wrong: Message;
  readonly busy: Message;
  readonly throttled: Message;
  /** For passwords alone. */
  readonly expired?: Message;
}

/** The same for every stage; the text is one of the flow engine's. */
const LOCKED = { reason: { code: 'factor/locked' }, rejection: { key: 'flow.refused.factors' } };

/** The parts of an `ask` step that rejects: `password/wrong`, `password/expired`, `password/busy`, `password/throttled`, `factor/locked`. */
export function rejectedProof(
  method: Method,
  proof: Exclude<ProofResult | Expired, { result: 'right' }>,
  words: ProofWords,
): { readonly reason: Reason; readonly rejection: Message; readonly retryAt?: number } {
  if (proof.result === 'locked') return LOCKED;
  const reason = { code: `${method}/${proof.result}` };
  const rejection = words[proof.result] ?? words.wrong;
  return proof.result === 'throttled'
    ? { reason, rejection, retryAt: proof.retryAt }
    : { reason, rejection };
}
