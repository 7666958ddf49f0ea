/**
 * The one way to check a secret. A try is taken by account and by address before the
 * secret is looked at, so that no number of guesses at once slips past; nobody else counts.
 */
import type { Vault } from '../core/ports.ts';
import type { Subject } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import type { Method } from '../core/session.ts';
import type { ProofResult } from '../core/stage.ts';
import { foldName } from '../core/user.ts';
import { addressBlock } from './address.ts';
import { readKnownCookie } from './cookies.ts';
import { DEFAULT_RULES, type FlowDeps } from './deps.ts';
import { knownAs, marksOf } from './known-browser.ts';
import type { Run } from './run.ts';

/** Verifies a secret; what it says is believed for this subject alone. */
export type Verify = () => Promise<'right' | 'wrong' | 'busy'>;

export type ProveDeps = Pick<FlowDeps, 'stores' | 'vault' | 'events' | 'rules'>;

/** Takes tries, verifies, gives back what was right or never judged, tells the event. */
export async function prove(
  deps: ProveDeps,
  run: Run,
  method: Method,
  subject: Subject,
  verify: Verify,
): Promise<ProofResult> {
  const { throttle } = deps.stores;
  const rules = deps.rules ?? DEFAULT_RULES;
  const account = accountKey(deps.vault, method, subject, run);
  const address = `address:${method}:${addressBlock(run.facts.clientIp)}`;
  const tell = (result: ProofResult['result']): void =>
    deps.events.emit({
      type: 'sign-in',
      flow: run.flow.name,
      method,
      result,
      userId: subject.userId,
      clientIp: run.facts.clientIp,
      requestId: run.requestId,
    });

  const byAccount = await throttle.take(account, rules.account, run.now);
  if (!byAccount.allowed) {
    tell('throttled');
    return { result: 'throttled', retryAt: byAccount.retryAt };
  }
  const byAddress = await throttle.take(address, rules.address, run.now);
  if (!byAddress.allowed) {
    await throttle.release(account, 'one');
    tell('throttled');
    return { result: 'throttled', retryAt: byAddress.retryAt };
  }

  const verdict = await verdictOf(verify);
  // Nobody proves to be a user who does not exist, whatever the stage says.
  const result = verdict === 'right' && subject.userId === null ? 'wrong' : verdict;
  if (result === 'right') await throttle.release(account, 'all');
  if (result === 'busy') await throttle.release(account, 'one');
  if (result !== 'wrong') await throttle.release(address, 'one');
  tell(result);
  return { result };
}

async function verdictOf(verify: Verify): Promise<'right' | 'wrong' | 'busy'> {
  try {
    return await verify();
  } catch (caught) {
    // Named fallback: a full hashing queue judged nothing. Any other fault keeps its try taken.
    if (caught instanceof Problem && caught.code === 'passwords/busy') return 'busy';
    throw caught;
  }
}

/**
 * One counter an account whatever it is called; unknown names are counted as if they were one
 * (RATE-alias). A browser that is known for the account has its own (RATE-lockout-dos).
 */
function accountKey(vault: Vault, method: Method, subject: Subject, run: Run): string {
  const { userId, login } = subject;
  if (userId === null) return `account:${method}:unknown:${vault.name('login', foldName(login))}`;
  const marks = marksOf(readKnownCookie(run.snapshot, run.facts.header('cookie')));
  const browser = knownAs(vault, marks, userId);
  return `account:${method}:${userId}${browser === null ? '' : `:known:${browser}`}`;
}
