/** Emails that tell a user what happened to their account, at its verified address. */
import type { EventSink } from '../../core/access/event.ts';
import { languageOf, type Outbox } from '../../core/flow/mail.ts';
import type { Directory } from '../../core/people/directory.ts';
import { asProblem } from '../../core/values/problem.ts';
import { occasionOf } from '../run/occasion.ts';
import type { Run } from '../run/run.ts';

/** What sending such an email needs. */
export interface OwnerEmailPorts {
  readonly outbox: Outbox;
  readonly directories: Pick<Directory, 'read'>;
  readonly events: EventSink;
}

/**
 * Tells the owner that second factors were locked or a token created. Neither can be repeated at will, so
 * these emails count against no limit, which an attacker could use up first. A failure to queue one is
 * logged and changes no reply.
 */
export async function notifyOwner(
  { outbox, directories, events }: OwnerEmailPorts,
  { userId, template }: { readonly userId: string; readonly template: OwnerEmail },
  run: Run,
): Promise<void> {
  if (!outbox.isReady) return;
  try {
    const user = await directories.read(userId);
    if (user === null || user.email === '' || !user.emailVerified) return;
    const time = `${new Date(run.now).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    await outbox.send({
      to: user.email,
      template,
      values: { account: user.name, site: run.snapshot.brand.name, time },
      language: languageOf(run.facts),
      occasion: occasionOf(run, user),
    });
  } catch (cause) {
    const { code } = asProblem(cause);
    events.emit({ type: 'fault', code, requestId: run.requestId, cause });
  }
}

type OwnerEmail = 'factor-locked' | 'token-created';
