/** The email that tells a user that their second factors were locked. */
import type { EventSink } from '../../core/access/event.ts';
import { languageOf, type Outbox } from '../../core/flow/mail.ts';
import type { Directory } from '../../core/people/directory.ts';
import { asProblem } from '../../core/values/problem.ts';
import { occasionOf } from '../run/occasion.ts';
import type { Run } from '../run/run.ts';

/** What sending that email needs. */
export interface LockedEmailPorts {
  readonly outbox: Outbox;
  readonly directories: Pick<Directory, 'read'>;
  readonly events: EventSink;
}

/**
 * Tells the owner, at the verified address, that too many wrong second factors were entered. It is
 * sent once each time the bound is reached and counts against no limit, which an attacker could use
 * up first. A failure to queue it is logged and changes no reply.
 */
export async function notifyLocked(
  { outbox, directories, events }: LockedEmailPorts,
  userId: string,
  run: Run,
): Promise<void> {
  if (!outbox.isReady) return;
  try {
    const user = await directories.read(userId);
    if (user === null || user.email === '' || !user.emailVerified) return;
    const time = `${new Date(run.now).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    await outbox.send({
      to: user.email,
      template: 'factor-locked',
      values: { account: user.name, site: run.snapshot.brand.name, time },
      language: languageOf(run.facts),
      occasion: occasionOf(run, user),
    });
  } catch (cause) {
    const { code } = asProblem(cause);
    events.emit({ type: 'fault', code, requestId: run.requestId, cause });
  }
}
