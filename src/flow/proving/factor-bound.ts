/**
 * The bound on wrong second factors (NIST SP 800-63B-4, 3.2.2): after 100 in a row, over all factors of
 * a user, second factors are refused until an administrator lifts it (`doorward user unlock`) or the
 * user enters a recovery code. Throttling only slows guesses down; this ends them. The count is stored
 * with the accounts, so that neither a restart nor a quiet night resets it.
 *
 * Who can reach it, and who must not:
 * - A try counts only if the same user has proved something before it, in this run or in the current
 *   session. A party who knows a name alone therefore cannot lock its owner out. Where a factor comes
 *   first (a passkey in place of a name, a mailed code in place of a password), its tries count for
 *   the throttle alone.
 * - Setting up a factor neither counts nor resets the count: the secret is new.
 * - A success resets the count if what was proved before was another method. A mailbox that opens the
 *   session does not clear the way for guesses at an app.
 * - Recovery codes have 80 random bits. They cannot be guessed, so they keep working while all else is
 *   refused, and a right one lifts the bound. A lost phone and a locked account have one remedy.
 *
 * What a refusal reveals: it says openly that codes are off, but only to a party that the first two
 * rules let in. In a run that has proved nothing, the code of an app reads "wrong", right or not, as
 * for an unknown name, and with as many lookups. Passkeys and mailed codes that come first still work:
 * a signature cannot be guessed, a mailed code is a new one in each run, and the owner must be able to
 * reach the page that explains what happened.
 */
import {
  type Accounts,
  AUTHENTICATOR_KINDS,
  MOST_FACTOR_FAILURES,
} from '../../core/people/account.ts';
import type { AccountChange } from '../../core/access/event.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { Method, Proof } from '../../core/people/session.ts';
import type { ProofResult } from '../../core/flow/stage.ts';
import { notifyOwner, type OwnerEmailPorts } from './owner-email.ts';
import type { Run } from '../run/run.ts';

/** What is known of one try before its secret is checked. */
export interface FactorTry {
  /** `locked` refuses openly, `shut` silently: the result is "wrong" even if the secret is right. */
  readonly state: 'open' | 'locked' | 'shut';
  /** Its number since the last success; 0 if it is not counted. */
  readonly number: number;
  /** Whether a success resets the count. */
  readonly isReset: boolean;
}

/** What keeping the bound needs. */
export interface FactorBoundPorts extends OwnerEmailPorts {
  readonly accounts: Pick<
    Accounts,
    'factorLock' | 'takeFactorTry' | 'resetFactorTries' | 'returnFactorTry'
  >;
}

const FREE: FactorTry = { state: 'open', number: 0, isReset: false };
const FACTORS: readonly string[] = AUTHENTICATOR_KINDS;

/** What this subject has proved before: in this run, and in the current session. */
export function provedBefore(plan: Plan, run: Run, { userId }: Subject): readonly Proof[] {
  if (userId === null) return [];
  const inRun = plan.subject?.userId === userId ? plan.proofs : [];
  const inSession = run.visitor?.user.id === userId ? run.visitor.session.proofs : [];
  return [...inRun, ...inSession];
}

/** Takes a try. Rejects when the accounts do: a try that cannot be counted is not evaluated. */
export async function takeFactorTry(
  { accounts }: Pick<FactorBoundPorts, 'accounts'>,
  run: Run,
  {
    method,
    subject: { userId },
    before,
  }: {
    readonly method: Method;
    readonly subject: Subject;
    readonly before: readonly Proof[];
  },
): Promise<FactorTry> {
  if (!FACTORS.includes(method)) return FREE;
  const isRecovery = method === 'recovery_code';
  if (userId === null || before.length === 0) {
    if (isRecovery) return { ...FREE, isReset: true };
    // The lookup also runs for unknown names, so that they take as long as known ones.
    const isShut = method === 'totp' && (await accounts.factorLock(userId ?? '')) !== null;
    return isShut ? { ...FREE, state: 'shut' } : FREE;
  }
  const number = await accounts.takeFactorTry(userId, run.now);
  const isReset = isRecovery || before.some((proof) => proof.method !== method);
  return { state: number === 0 && !isRecovery ? 'locked' : 'open', number, isReset };
}

/** Applies the result of a try: resets the count, returns the try, or locks and sends the email. */
export async function settleFactorTry(
  ports: FactorBoundPorts,
  run: Run,
  userId: string | null,
  {
    number,
    isReset,
    result,
  }: FactorTry & {
    readonly result: Exclude<ProofResult['result'], 'throttled' | 'locked'>;
  },
): Promise<void> {
  if (userId === null) return;
  const { accounts } = ports;
  if (result === 'right') {
    if (isReset && (await accounts.resetFactorTries(userId))) {
      emit(ports, run, userId, 'factors/unlocked');
    } else if (!isReset && number > 0) await accounts.returnFactorTry(userId);
    return;
  }
  if (number === 0) return;
  if (result === 'busy') return accounts.returnFactorTry(userId);
  // Exactly one try has the last number, so one email is sent. A success may have come in between.
  if (number < MOST_FACTOR_FAILURES || (await accounts.factorLock(userId)) === null) return;
  emit(ports, run, userId, 'factors/locked');
  await notifyOwner(ports, { userId, template: 'factor-locked' }, run);
}

function emit(
  { events }: FactorBoundPorts,
  { facts, flow, requestId }: Run,
  userId: string,
  change: AccountChange,
): void {
  const { clientIp } = facts;
  events.emit({ type: 'account', change, userId, flow: flow.name, clientIp, requestId });
}
