/**
 * Emails on their way, at most so many to one address and from one address. Those beyond are
 * dropped without a word on the page: whoever asks could tell by it which names exist.
 */
import type { Email } from '../../core/flow/mail.ts';
import type { Subject } from '../../core/people/subject.ts';
import { foldName, type User } from '../../core/people/user.ts';
import { DEFAULT_RULES, type FlowDeps } from '../run/deps.ts';
import { knownDevice } from '../proving/known-device.ts';
import { occasionOf } from '../run/occasion.ts';
import type { Run } from '../run/run.ts';
import { countersOf, takeAll } from '../proving/tries.ts';

/** Hands an email over, or drops it and tells the event. One to nobody is counted alike and goes nowhere. */
export async function dispatch(
  deps: Pick<
    FlowDeps,
    'stores' | 'vault' | 'events' | 'rules' | 'outbox' | 'accounts' | 'directories'
  >,
  email: Email,
  subject: Subject | null,
  run: Run,
): Promise<void> {
  const { throttle } = deps.stores;
  const rules = deps.rules ?? DEFAULT_RULES;
  const user = await deps.directories.read(subject?.userId ?? '');
  const home = await ownDevice(deps, email, user, subject, run);
  const recipient = `letter:${deps.vault.name('letter', foldName(email.to))}${home}`;
  const senders = countersOf('letter-from', run.facts.clientIp, rules.address);
  const taken =
    (await takeAll(throttle, senders, run.now)) === null &&
    (await throttle.take(recipient, rules.email, run.now)).allowed;
  if (email.to === '') return;
  if (taken) return deps.outbox.send({ ...email, occasion: occasionOf(run, user) });
  deps.events.emit({
    type: 'sign-in',
    flow: run.flow.name,
    method: email.template,
    result: 'throttled',
    userId: null,
    clientIp: run.facts.clientIp,
    requestId: run.requestId,
  });
}

/**
 * What tells emails to somebody's own address, asked for on a device that knows them, from others:
 * they are counted apart, so that no stranger keeps them away. Looked up for nobody as well.
 */
async function ownDevice(
  deps: Pick<FlowDeps, 'accounts'>,
  email: Email,
  user: User | null,
  subject: Subject | null,
  run: Run,
): Promise<string> {
  const device = await knownDevice(deps, run, subject ?? { login: '', userId: null });
  return device === null || user === null || user.email !== email.to ? '' : `:${device}`;
}
