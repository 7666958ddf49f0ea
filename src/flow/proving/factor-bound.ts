/**
 * The bound on wrong second factors (NIST SP 800-63B-4, 3.2.2): after 100 in a row, over all factors of
 * a user, second factors are refused until an administrator lifts it (`doorward user unlock`) or the
 * user enters a recovery code. Throttling only slows guesses down; this ends them. The count is kept
 * with the accounts, so that neither a restart nor a quiet night starts it again.
 *
 * Who can reach it, and who must not:
 * - A try counts only if the same user has proved something before it, in this run or in the session
 *   at hand. A party who knows a name alone therefore cannot lock its owner out. Where a factor comes
 *   first (a passkey in place of a name, a mailed code in place of a password), its tries count for
 *   the throttle alone.
 * - Setting up a factor does not count, and does not start the count again: the secret is new.
 * - A success starts the count again if what was proved before was another method. A mailbox that
 *   opens the session does not clear the way for guesses at an app.
 * - Recovery codes have 80 random bits. No one guesses them, so they keep working while all else is
 *   refused, and a right one lifts the bound. A lost phone and a locked account have one remedy.
 *
 * What a refusal reveals: it says openly that codes are off, but only to a party that the first two
 * rules let in. In a run that has proved nothing, the code of an app reads "wrong", right or not, as
 * for an unknown name, and with as many lookups. Passkeys and mailed codes that come first still work:
 * a signature cannot be guessed, a mailed code is a new one in each run, and the owner must be able to
 * reach the page that explains what happened.
 */
import { AUTHENTICATOR_KINDS, MOST_FACTOR_FAILURES } from '../../core/people/account.ts';
import type { AccountChange } from '../../core/access/event.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { Method, Proof } from '../../core/people/session.ts';
import type { ProofResult } from '../../core/flow/stage.ts';
import type { FlowDeps } from '../run/deps.ts';
import { notifyLocked } from './locked-email.ts';
import type { Run } from '../run/run.ts';

/** What is known of one try before its secret is looked at. */
export interface FactorTry {
  /** `locked` refuses openly, `shut` silently: the answer is "wrong" even if it is right. */
  readonly state: 'open' | 'locked' | 'shut';
  /** Its number since the last success; 0: it is not counted. */
  readonly number: number;
  /** Whether being right starts the count again. */
  readonly isReset: boolean;
}

const FREE: FactorTry = { state: 'open', number: 0, isReset: false };
const FACTORS: readonly string[] = AUTHENTICATOR_KINDS;

type Deps = Pick<FlowDeps, 'accounts' | 'directories' | 'events' | 'outbox'>;

/** What this subject has proved before: in this run, and in the session at hand. */
export function provedBefore(plan: Plan, run: Run, { userId }: Subject): readonly Proof[] {
  if (userId === null) return [];
  const inRun = plan.subject?.userId === userId ? plan.proofs : [];
  const inSession = run.visitor?.user.id === userId ? run.visitor.session.proofs : [];
  return [...inRun, ...inSession];
}

/** Takes a try. Rejects as the accounts do: what cannot be counted is not judged. */
export async function takeFactorTry(
  deps: Pick<Deps, 'accounts'>,
  run: Run,
  method: Method,
  { userId }: Subject,
  before: readonly Proof[],
): Promise<FactorTry> {
  if (!FACTORS.includes(method)) return FREE;
  const isRecovery = method === 'recovery_code';
  if (userId === null || before.length === 0) {
    if (isRecovery) return { ...FREE, isReset: true };
    // Looked up for unknown names as well: it takes its time.
    const isShut = method === 'totp' && (await deps.accounts.factorLock(userId ?? '')) !== null;
    return isShut ? { ...FREE, state: 'shut' } : FREE;
  }
  const number = await deps.accounts.takeFactorTry(userId, run.now);
  const isReset = isRecovery || before.some((proof) => proof.method !== method);
  return { state: number === 0 && !isRecovery ? 'locked' : 'open', number, isReset };
}

/** Draws the consequences of a result: starts the count again, gives a try back, or locks and sends the email. */
export async function settleFactorTry(
  deps: Deps,
  run: Run,
  { userId }: Subject,
  { number, isReset }: FactorTry,
  result: Exclude<ProofResult['result'], 'throttled' | 'locked'>,
): Promise<void> {
  if (userId === null) return;
  const { accounts } = deps;
  if (result === 'right') {
    if (isReset && (await accounts.resetFactorTries(userId))) {
      tell(deps, run, userId, 'factors/unlocked');
    } else if (!isReset && number > 0) await accounts.returnFactorTry(userId);
    return;
  }
  if (number === 0) return;
  if (result === 'busy') return accounts.returnFactorTry(userId);
  // Exactly one try has the last number, so that there is one email. A success may have come between.
  if (number < MOST_FACTOR_FAILURES || (await accounts.factorLock(userId)) === null) return;
  tell(deps, run, userId, 'factors/locked');
  await notifyLocked(deps, userId, run);
}

function tell({ events }: Deps, run: Run, userId: string, change: AccountChange): void {
  const { facts, flow, requestId } = run;
  const { clientIp } = facts;
  events.emit({ type: 'account', change, userId, flow: flow.name, clientIp, requestId });
}
