/**
 * The one way to check a secret. A try is taken before the secret is checked, so that concurrent
 * guesses cannot exceed the limit; only this file counts tries.
 *
 * A try from an unknown device is counted three ways: by the login as typed, by address, and by account.
 * - The login as typed and the address refuse openly (429). Neither depends on whether an account
 *   exists, so a known and an unknown login are refused at the same try with the same words.
 * - The account counter covers aliases: a name and an email address share it. Its refusal must not
 *   show. An open refusal after wrong passwords for the *name* would reveal that an *address* belongs
 *   to the same account. The check therefore still takes the usual work, and the result is "wrong" even
 *   if the secret is right. A guess made during that wait reveals nothing. A server that counts wrong
 *   passwords itself is not given this one, or guesses at several names would lock its user out there.
 * - A user who types the other name during that wait reads "wrong" for the right password. Both names
 *   open again after the same wait. A device that has signed this user in before is not affected: it
 *   has its own counter and no other, so that neither remote guesses nor neighbors behind the same
 *   address lock its owner out.
 *
 * Wrong second factors are also counted permanently, on every device: see factor-bound.ts.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { ProofResult, SourceAttempt, Trial } from '../../core/flow/stage.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { HashingFor } from '../../core/people/hashing-origin.ts';
import type { Method, Proof } from '../../core/people/session.ts';
import type { Subject } from '../../core/people/subject.ts';
import {
  accountCounter,
  deviceCounter,
  scopeOf,
  setUpName,
  typedCounter,
  typedName,
} from '../../core/proof/proof-counters.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Run } from '../run/run.ts';
import { DEFAULT_RULES, type ThrottleRules } from '../run/throttle-rules.ts';
import {
  type FactorBoundPorts,
  type FactorTry,
  settleFactorTry,
  takeFactorTry,
} from './factor-bound.ts';
import { knownDevice } from './known-device.ts';
import { noteOutcome } from './reputation.ts';
import { type Counter, countersOf, releaseAll, takeAll } from './tries.ts';

/** One attempt to prove a subject. */
export interface Attempt {
  readonly method: Method;
  readonly subject: Subject;
  /** Verifies the secret; its result counts for this subject alone. */
  readonly verify: (trial: Trial) => Promise<Verified>;
  /**
   * Whether the secret was given to its owner just now. Such tries are counted separately, so that
   * a success returns no tries to an attacker who guesses at secrets that existed before.
   */
  readonly isSetUp: boolean;
  /** Whether the subject is a new user whom a right secret creates, and whom no directory knows yet. */
  readonly isSignUp?: boolean;
  /** What the same subject has proved before. */
  readonly before: readonly Proof[];
  /** For a proof by a source: which one, and why it failed. */
  readonly about?: SourceAttempt | undefined;
}

/** What checking any secret needs. */
export interface SecretPorts {
  readonly accounts: Pick<Accounts, 'isKnownDevice'>;
  readonly directories: Pick<Directory, 'read'>;
  readonly stores: Pick<Stores, 'throttle' | 'scores'>;
  readonly vault: Pick<Vault, 'name'>;
  readonly events: EventSink;
  readonly hashingFor: HashingFor;
  readonly rules?: ThrottleRules;
}

/** What checking a secret of a flow needs. */
export interface ProofPorts extends SecretPorts, FactorBoundPorts {
  readonly accounts: FactorBoundPorts['accounts'] & Pick<Accounts, 'isKnownDevice'>;
}

/** Who tries a secret, and where. */
export interface Trier extends Pick<Run, 'device' | 'now'> {
  /** Null: unknown. */
  readonly requestId: string | null;
  readonly flow: Pick<Run['flow'], 'name'>;
  readonly facts: Pick<Run['facts'], 'clientIp'>;
}

/** The permanent count of wrong second factors, around one try. */
interface FactorCount {
  readonly take: () => Promise<FactorTry>;
  readonly settle: (factor: FactorTry & { readonly result: Verified }) => Promise<void>;
}

/** Takes tries, verifies, returns tries that were right or not evaluated, and emits the event. */
export function prove(ports: ProofPorts, run: Run, attempt: Attempt): Promise<ProofResult> {
  return proveSecret(ports, run, attempt, {
    take: () => takeFactorTry(ports, run, attempt),
    settle: (factor) => settleFactorTry(ports, run, attempt.subject.userId, factor),
  });
}

/** The same for a password that arrives outside of a flow. */
export function provePasswordOf(
  ports: SecretPorts,
  trier: Trier,
  subject: Subject,
  verify: Attempt['verify'],
): Promise<ProofResult> {
  const attempt: Attempt = { method: 'password', subject, verify, isSetUp: false, before: [] };
  return proveSecret(ports, trier, attempt, null);
}

async function proveSecret(
  ports: SecretPorts,
  run: Trier,
  attempt: Attempt,
  factors: FactorCount | null,
): Promise<ProofResult> {
  const { throttle } = ports.stores;
  const { method, subject, isSetUp } = attempt;
  const { isNew: _isNew, ...about } = attempt.about ?? {};
  const device = await knownDevice(ports.accounts, run, subject);
  const { open, account } = countersFor(ports, run, attempt, device);
  const emit = (result: ProofResult['result']): void =>
    ports.events.emit({
      type: 'sign-in',
      flow: run.flow.name,
      method,
      result,
      userId: subject.userId,
      ...about,
      clientIp: run.facts.clientIp,
      requestId: run.requestId,
    });

  const retryAt = await takeAll(throttle, open, run.now);
  if (retryAt !== null) {
    emit('throttled');
    return { result: 'throttled', retryAt };
  }
  const isShut = account !== null && (await takeAll(throttle, [account], run.now)) !== null;

  // While the account is shut, the check only takes its time and is not a guess that counts.
  const factor = isSetUp || isShut || factors === null ? null : await factors.take();
  if (factor?.state === 'locked') {
    emit('locked');
    return { result: 'locked' };
  }

  const mayPass = !isShut && factor?.state !== 'shut';
  const settle = async (result: Verified): Promise<void> => {
    await releaseTries(throttle, result, open, isShut ? null : account);
    if (factor !== null) await factors?.settle({ ...factor, result });
  };
  const known = { isKnown: device !== null, mayPass };
  const result = await resultOf(ports, run, attempt, known).catch(async (caught: unknown) => {
    // A directory that does not answer tells the visitor nothing, so its outage locks no owner out.
    if (asProblem(caught).code === 'directory/unavailable') await settle('busy');
    throw caught;
  });
  await settle(result);
  // A wrong entry while setting up a new secret is a typing error, not a guess.
  if (result !== 'busy' && !isSetUp) await noteOutcome(ports.stores, run, subject, result);
  emit(result);
  return { result };
}

/** `busy`: it was not verified. */
type Verified = 'right' | 'wrong' | 'busy';

/** Verifies the secret. A right secret counts only if the try may pass and the account is enabled. */
async function resultOf(
  ports: SecretPorts,
  run: Trier,
  { subject, verify, isSignUp = false }: Attempt,
  { isKnown, mayPass }: { readonly isKnown: boolean; readonly mayPass: boolean },
): Promise<Verified> {
  // Queued by user, not by device: many devices of one account get no more slots than one.
  const queue = isKnown ? subject.userId : null;
  const result = await ports.hashingFor(run.facts.clientIp, queue, () =>
    verified(() => verify({ counts: mayPass })),
  );
  const isRight = result === 'right' && mayPass && (isSignUp || (await isEnabled(ports, subject)));
  return result === 'right' && !isRight ? 'wrong' : result;
}

async function verified(verify: () => Promise<Verified>): Promise<Verified> {
  try {
    return await verify();
  } catch (caught) {
    // Named fallback: a full hashing queue checked nothing. Any other fault keeps its try taken.
    if (caught instanceof Problem && caught.code === 'passwords/busy') return 'busy';
    throw caught;
  }
}

/** Returns what a right secret took, or what a busy check took from the owner's counters. */
async function releaseTries(
  throttle: Stores['throttle'],
  result: Verified,
  [owner, ...addresses]: readonly Counter[],
  account: Counter | null,
): Promise<void> {
  const own = [owner, account].filter((counter) => counter != null);
  if (result === 'right') {
    for (const { key } of own) await throttle.release(key, 'all');
    await releaseAll(throttle, addresses);
  }
  // The address keeps a busy try: flooding the hashing queue is counted as well.
  if (result === 'busy') await releaseAll(throttle, own);
}

/**
 * The counters of a try: `open` refuse openly, the owner's first; `account` refuses silently (see
 * above). A login without an account has an account counter too, so that it costs as much.
 */
function countersFor(
  { rules = DEFAULT_RULES, vault }: Pick<SecretPorts, 'rules' | 'vault'>,
  run: Trier,
  { method, subject, isSetUp }: Attempt,
  device: string | null,
): { readonly open: readonly Counter[]; readonly account: Counter | null } {
  const { clientIp } = run.facts;
  const counted = isSetUp ? setUpName(method) : method;
  const scope = scopeOf(method, clientIp);
  const counter = (key: string): Counter => ({ key, rule: rules.account });
  if (device !== null) {
    const own = deviceCounter(counted, subject.userId ?? '', device, scope);
    return { open: [counter(own)], account: null };
  }
  const login = typedName(vault, subject.login);
  const typed = counter(typedCounter(counted, login, scope));
  const open = [typed, ...countersOf(`address:${method}`, clientIp, rules.address)];
  const owner = subject.userId ?? `unknown:${login}`;
  // A passkey has no counter that strangers share with its owner (see scopeOf).
  const account = method === 'webauthn' ? null : counter(accountCounter(counted, owner, scope));
  return { open, account };
}

/** A user who is missing or disabled proves nothing, whatever the stage returns. */
async function isEnabled(
  { directories }: Pick<SecretPorts, 'directories'>,
  { userId }: Subject,
): Promise<boolean> {
  const user = userId === null ? null : await directories.read(userId);
  return user !== null && !user.disabled;
}

/** Reports a visit to a source that proved nothing and was no guess either. */
export function reportVisit(
  { events }: Pick<ProofPorts, 'events'>,
  run: Run,
  about: SourceAttempt,
  result: 'denied' | 'unavailable',
): void {
  const { clientIp } = run.facts;
  const { requestId } = run;
  const flow = run.flow.name;
  const method = 'source';
  events.emit({
    type: 'sign-in',
    flow,
    method,
    result,
    userId: null,
    ...about,
    clientIp,
    requestId,
  });
}
