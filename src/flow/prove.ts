/**
 * The one way to check a secret. A try is taken before the secret is looked at, so that no number of
 * guesses at once slips past; only this file counts them.
 *
 * A stranger's try is counted three ways: by the login as typed, by address, and by account.
 * - The login as typed and the address refuse openly (429). Neither depends on whether an account
 *   exists, so a known and an unknown login are refused at the same try with the same words.
 * - The account is what makes aliases one: a name and an email address share it. Its refusal must
 *   not show. An open refusal after wrong passwords for the *name* would reveal that an *address*
 *   belongs to the same account. The secret is therefore still checked, at the usual cost, and the
 *   answer is "wrong" even if it is right. No guess made during that wait tells its maker anything.
 * - A user who types the other name during such a wait reads "wrong" for the right password. Both
 *   names open again after the same wait, and a device that has signed this user in before is not
 *   affected: it has tries of its own and is counted by nothing else, so that neither guesses from
 *   afar nor neighbors behind the same address lock its owner out.
 */
import type { Subject } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import type { Method } from '../core/session.ts';
import type { ProofResult } from '../core/stage.ts';
import { foldName } from '../core/user.ts';
import { addressBlock } from '../core/address-block.ts';
import { DEFAULT_RULES, type FlowDeps } from './deps.ts';
import { noteOutcome } from './reputation.ts';
import type { Run } from './run.ts';
import { type Counter, countersOf, releaseAll, takeAll } from './tries.ts';

/** Verifies a secret; what it says is believed for this subject alone. */
export type Verify = () => Promise<'right' | 'wrong' | 'busy'>;

export type ProveDeps = Pick<
  FlowDeps,
  'stores' | 'vault' | 'events' | 'rules' | 'accounts' | 'directories' | 'hashingFor'
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
  const known = await knownDevice(deps, run, subject);
  const counted = isSetUp ? `setup:${method}` : method;
  const { open, account } = countersFor(deps, run, { method, counted }, subject, known);
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

  const retryAt = await takeAll(throttle, open, run.now);
  if (retryAt !== null) {
    tell('throttled');
    return { result: 'throttled', retryAt };
  }
  const isShut = account !== null && (await takeAll(throttle, [account], run.now)) !== null;

  // By user, not by device: any number of devices of one account hold no more places than one.
  const device = known === null ? null : subject.userId;
  const verdict = await deps.hashingFor(run.facts.clientIp, device, () => verdictOf(verify));
  const isRight = verdict === 'right' && !isShut && (await isOpen(deps, subject));
  const result = verdict === 'right' && !isRight ? 'wrong' : verdict;
  // The address keeps a busy try: flooding the hashing line is counted as well.
  const [owner, ...addresses] = open;
  const own = [owner, isShut ? null : account].filter((counter) => counter != null);
  if (result === 'right') {
    for (const { key } of own) await throttle.release(key, 'all');
    await releaseAll(throttle, addresses);
  }
  if (result === 'busy') await releaseAll(throttle, own);
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

/**
 * The counters of a try: `open` refuse visibly, the owner's first; `account` refuses silently (see
 * above). A login without an account has an account counter too, so that it costs as much.
 */
function countersFor(
  deps: ProveDeps,
  run: Run,
  { method, counted }: { readonly method: Method; readonly counted: string },
  subject: Subject,
  known: string | null,
): { readonly open: readonly Counter[]; readonly account: Counter | null } {
  const rules = deps.rules ?? DEFAULT_RULES;
  const { clientIp } = run.facts;
  // A signature cannot be guessed: counting tries from everywhere would only let strangers lock users out.
  const isGuessable = method !== 'webauthn';
  const place = isGuessable ? '' : `:${addressBlock(clientIp)}`;
  const counter = (name: string): Counter => ({ key: `${name}${place}`, rule: rules.account });
  if (known !== null) {
    return { open: [counter(`device:${counted}:${subject.userId}:${known}`)], account: null };
  }
  const login = deps.vault.name('login', foldName(subject.login));
  const typed = counter(`typed:${counted}:${login}`);
  const open = [typed, ...countersOf(`address:${method}`, clientIp, rules.address)];
  const who = subject.userId ?? `unknown:${login}`;
  return { open, account: isGuessable ? counter(`account:${counted}:${who}`) : null };
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
