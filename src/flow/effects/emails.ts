/**
 * Emails that a run sends, limited by recipient and by sending address. Emails over the limit are
 * dropped without a word on the page: a refusal would reveal which names exist.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { Email, Outbox } from '../../core/flow/mail.ts';
import type { AccountReader } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Subject } from '../../core/people/subject.ts';
import { foldName, type User } from '../../core/people/user.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { Vault } from '../../core/values/system.ts';
import { knownDevice } from '../proving/known-device.ts';
import { countersOf, takeAll } from '../proving/tries.ts';
import { occasionOf } from '../run/occasion.ts';
import type { Run } from '../run/run.ts';
import { DEFAULT_RULES, type ThrottleRules } from '../run/throttle-rules.ts';

/** What sending an email needs. */
export interface EmailPorts {
  readonly stores: Pick<Stores, 'throttle'>;
  readonly vault: Pick<Vault, 'name'>;
  readonly events: EventSink;
  readonly outbox: Outbox;
  readonly accounts: Pick<AccountReader, 'isKnownDevice'>;
  readonly directories: Pick<Directory, 'read'>;
  readonly rules?: ThrottleRules;
}

/** Queues an email, or drops it and emits the event. An email without a recipient is counted and not sent. */
export async function dispatch(
  ports: EmailPorts,
  email: Email,
  subject: Subject | null,
  run: Run,
): Promise<void> {
  const { stores, vault, directories, outbox, events, rules = DEFAULT_RULES } = ports;
  const user = await directories.read(subject?.userId ?? '');
  const device = await knownDevice(ports.accounts, run, subject ?? { login: '', userId: null });
  const recipient = `letter:${vault.name('letter', foldName(email.to))}${owned(email, user, device)}`;
  const senders = countersOf('letter-from', run.facts.clientIp, rules.address);
  const isTaken =
    (await takeAll(stores.throttle, senders, run.now)) === null &&
    (await stores.throttle.take(recipient, rules.email, run.now)).allowed;
  if (email.to === '') return;
  if (isTaken) return outbox.send({ ...email, occasion: occasionOf(run, user) });
  events.emit({
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
 * Emails to the user's own address, requested on a device that knows them, are counted separately,
 * so that a stranger cannot use up their limit.
 */
function owned(email: Email, user: User | null, device: string | null): string {
  return device === null || user === null || user.email !== email.to ? '' : `:${device}`;
}
