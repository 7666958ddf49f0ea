/**
 * Letters on their way, at most so many to one address and from one address. Those beyond are
 * dropped without a word on the page: whoever asks could tell by it which names exist.
 */
import { browserName } from '../../core/request/browser-name.ts';
import { languageOf, type Letter, type Occasion } from '../../core/flow/mail.ts';
import type { Subject } from '../../core/people/subject.ts';
import { asProblem } from '../../core/values/problem.ts';
import { foldName, type User } from '../../core/people/user.ts';
import { DEFAULT_RULES, type FlowDeps } from '../engine/deps.ts';
import { knownDevice } from '../proving/known-device.ts';
import type { Run } from '../engine/run.ts';
import { countersOf, takeAll } from '../proving/tries.ts';

/** Hands a letter over, or drops it and tells the event. One to nobody is counted alike and goes nowhere. */
export async function dispatch(
  deps: Pick<
    FlowDeps,
    'stores' | 'vault' | 'events' | 'rules' | 'letters' | 'accounts' | 'directories'
  >,
  letter: Letter,
  subject: Subject | null,
  run: Run,
): Promise<void> {
  const { throttle } = deps.stores;
  const rules = deps.rules ?? DEFAULT_RULES;
  const user = await deps.directories.read(subject?.userId ?? '');
  const home = await ownDevice(deps, letter, user, subject, run);
  const recipient = `letter:${deps.vault.name('letter', foldName(letter.to))}${home}`;
  const senders = countersOf('letter-from', run.facts.clientIp, rules.address);
  const taken =
    (await takeAll(throttle, senders, run.now)) === null &&
    (await throttle.take(recipient, rules.letter, run.now)).allowed;
  if (letter.to === '') return;
  if (taken) return deps.letters.send({ ...letter, occasion: occasionOf(run, user) });
  deps.events.emit({
    type: 'sign-in',
    flow: run.flow.name,
    method: letter.template,
    result: 'throttled',
    userId: null,
    clientIp: run.facts.clientIp,
    requestId: run.requestId,
  });
}

/**
 * Tells the owner that too many wrong second factors were entered, at the verified address. It counts
 * for no limit, or an attacker could use those up first: it is sent once for each time that the bound is
 * reached. A letter that cannot be taken changes no answer.
 */
export async function notifyLocked(
  deps: Pick<FlowDeps, 'letters' | 'directories' | 'events'>,
  userId: string,
  run: Run,
): Promise<void> {
  if (!deps.letters.isReady) return;
  try {
    const user = await deps.directories.read(userId);
    if (user === null || user.email === '' || !user.emailVerified) return;
    const time = `${new Date(run.now).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    await deps.letters.send({
      to: user.email,
      template: 'factor-locked',
      values: { account: user.name, site: run.snapshot.brand.name, time },
      language: languageOf(run.facts),
      occasion: occasionOf(run, user),
    });
  } catch (cause) {
    const { code } = asProblem(cause);
    deps.events.emit({ type: 'fault', code, requestId: run.requestId, cause });
  }
}

/**
 * What tells letters to somebody's own address, asked for on a device that knows them, from others:
 * they are counted apart, so that no stranger keeps them away. Looked up for nobody as well.
 */
async function ownDevice(
  deps: Pick<FlowDeps, 'accounts'>,
  letter: Letter,
  user: User | null,
  subject: Subject | null,
  run: Run,
): Promise<string> {
  const device = await knownDevice(deps, run, subject ?? { login: '', userId: null });
  return device === null || user === null || user.email !== letter.to ? '' : `:${device}`;
}

/** What the reader is told about the request. The name is the account's own, never what was typed. */
function occasionOf({ flow, facts }: Run, user: User | null): Occasion {
  return {
    designation: flow.designation,
    account: user?.name ?? '',
    browser: browserName(facts.header('user-agent') ?? ''),
    address: facts.clientIp,
  };
}
