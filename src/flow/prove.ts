/**
 * The one way to check a secret. A try is taken by account and by address before the
 * secret is looked at, so that no number of guesses at once slips past; nobody else counts. A
 * known device has tries of its own, so that nobody is locked out of it from afar.
 */
import type { Vault } from '../core/ports.ts';
import type { Subject } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import type { Method } from '../core/session.ts';
import type { ProofResult } from '../core/stage.ts';
import { foldName } from '../core/user.ts';
import { addressBlock } from '../core/address-block.ts';
import { DEFAULT_RULES, type FlowDeps } from './deps.ts';
import { noteOutcome } from './reputation.ts';
import type { Run } from './run.ts';

/** Verifies a secret; what it says is believed for this subject alone. */
export type Verify = () => Promise<'right' | 'wrong' | 'busy'>;

export type ProveDeps = Pick<
  FlowDeps,
  'stores' | 'vault' | 'events' | 'rules' | 'accounts' | 'directories'
>;

/**
 * Takes tries, verifies, gives back what was right or never judged, tells the event. `isSetUp`: the
 * secret is one that its owner has just been given; it is counted apart, so that being right about
 * it gives no tries back to whoever guesses at those that were there before.
 */
export async function prove(
  deps: ProveDeps,
  run: Run,
  method: Method,
  subject: Subject,
  verify: Verify,
  isSetUp = false,
): Promise<ProofResult> {
  const { throttle } = deps.stores;
  const rules = deps.rules ?? DEFAULT_RULES;
  const known = await knownDevice(deps, run, subject);
  const counted = isSetUp ? `setup:${method}` : method;
  const place = addressBlock(run.facts.clientIp);
  const key = accountKey(deps.vault, counted, subject, known);
  // Nobody guesses a signature: to count those of everywhere would only let strangers lock people out.
  const account = method === 'webauthn' ? `${key}:${place}` : key;
  const address = `address:${method}:${place}`;
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
  const result = verdict === 'right' && !(await isOpen(deps, subject)) ? 'wrong' : verdict;
  if (result === 'right') await throttle.release(account, 'all');
  if (result === 'busy') await throttle.release(account, 'one');
  if (result !== 'wrong') await throttle.release(address, 'one');
  // Wrong about what was just given to one is a slip of the pen.
  if (result !== 'busy' && !isSetUp) await noteOutcome(deps, run, subject, result);
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

/** One counter an account whatever it is called; unknown names are counted as if they were one (RATE-alias). */
function accountKey(vault: Vault, method: Method, subject: Subject, device: string | null): string {
  const who = subject.userId ?? `unknown:${vault.name('login', foldName(subject.login))}`;
  return device === null ? `account:${method}:${who}` : `device:${method}:${who}:${device}`;
}

/** The device's name, if it has signed this user in before. Asked for unknown names as well: it takes its time. */
export async function knownDevice(
  deps: Pick<ProveDeps, 'accounts'>,
  run: Run,
  subject: Subject,
): Promise<string | null> {
  if (run.device === null) return null;
  const { name } = run.device;
  const isKnown = await deps.accounts.isKnownDevice(subject.userId ?? '', name, run.now);
  return isKnown && subject.userId !== null ? name : null;
}

/** Nobody proves to be a user who does not exist or is disabled by now, whatever the stage says. */
async function isOpen(deps: ProveDeps, subject: Subject): Promise<boolean> {
  const user = subject.userId === null ? null : await deps.directories.read(subject.userId);
  return user !== null && !user.disabled;
}
