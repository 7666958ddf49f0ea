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
 *
 * Wrong second factors are also counted for good, on every device: see factor-bound.ts.
 */
import type { Subject } from '../../core/people/subject.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Method, Proof } from '../../core/people/session.ts';
import type { ProofResult } from '../../core/flow/stage.ts';
import {
  accountCounter,
  countedAs,
  deviceCounter,
  placeOf,
  typedCounter,
  typedName,
} from '../../core/proof/proof-counters.ts';
import { DEFAULT_RULES, type FlowDeps } from '../run/deps.ts';
import { settleFactorTry, takeFactorTry } from './factor-bound.ts';
import { knownDevice } from './known-device.ts';
import { noteOutcome } from './reputation.ts';
import type { Run } from '../run/run.ts';
import { type Counter, countersOf, releaseAll, takeAll } from './tries.ts';

/** Verifies a secret; what it says is believed for this subject alone. */
export type Verify = () => Promise<'right' | 'wrong' | 'busy'>;

export type ProveDeps = Pick<
  FlowDeps,
  'stores' | 'vault' | 'events' | 'rules' | 'accounts' | 'directories' | 'hashingFor' | 'outbox'
>;

/** Where in its run a secret is checked. */
export interface ProofPlace {
  /**
   * The secret is one that its owner has just been given; it is counted apart, so that being right
   * about it gives no tries back to a party that guesses at those that were there before.
   */
  readonly isSetUp: boolean;
  /** What the same subject has proved before. */
  readonly before: readonly Proof[];
}

/** Takes tries, verifies, gives back what was right or never judged, tells the event. */
export async function prove(
  deps: ProveDeps,
  run: Run,
  method: Method,
  subject: Subject,
  verify: Verify,
  { isSetUp, before }: ProofPlace,
): Promise<ProofResult> {
  const { throttle } = deps.stores;
  const known = await knownDevice(deps, run, subject);
  const counted = countedAs(method, isSetUp);
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

  // What is shut is judged only for the time it takes, so it is no guess that counts.
  const isBound = !isSetUp && !isShut;
  const factor = isBound ? await takeFactorTry(deps, run, method, subject, before) : null;
  if (factor?.state === 'locked') {
    tell('locked');
    return { result: 'locked' };
  }

  // By user, not by device: any number of devices of one account hold no more places than one.
  const device = known === null ? null : subject.userId;
  const verdict = await deps.hashingFor(run.facts.clientIp, device, () => verdictOf(verify));
  const mayPass = !isShut && factor?.state !== 'shut';
  const isRight = verdict === 'right' && mayPass && (await isOpen(deps, subject));
  const result = verdict === 'right' && !isRight ? 'wrong' : verdict;
  // The address keeps a busy try: flooding the hashing line is counted as well.
  const [owner, ...addresses] = open;
  const own = [owner, isShut ? null : account].filter((counter) => counter != null);
  if (result === 'right') {
    for (const { key } of own) await throttle.release(key, 'all');
    await releaseAll(throttle, addresses);
  }
  if (result === 'busy') await releaseAll(throttle, own);
  if (factor !== null) await settleFactorTry(deps, run, subject, factor, result);
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
  const place = placeOf(method, clientIp);
  const counter = (key: string): Counter => ({ key, rule: rules.account });
  if (known !== null) {
    const own = deviceCounter(counted, subject.userId ?? '', known, place);
    return { open: [counter(own)], account: null };
  }
  const login = typedName(deps.vault, subject.login);
  const typed = counter(typedCounter(counted, login, place));
  const open = [typed, ...countersOf(`address:${method}`, clientIp, rules.address)];
  const who = subject.userId ?? `unknown:${login}`;
  // A passkey has no counter that strangers share with its owner (see placeOf).
  const account = method === 'webauthn' ? null : counter(accountCounter(counted, who, place));
  return { open, account };
}

/** Nobody proves to be a user who does not exist or is disabled by now, whatever the stage says. */
async function isOpen(deps: ProveDeps, subject: Subject): Promise<boolean> {
  const user = subject.userId === null ? null : await deps.directories.read(subject.userId);
  return user !== null && !user.disabled;
}
