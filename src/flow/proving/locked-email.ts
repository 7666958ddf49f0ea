/** The email that tells a user that their second factors were locked. */
import { languageOf } from '../../core/flow/mail.ts';
import { asProblem } from '../../core/values/problem.ts';
import type { FlowDeps } from '../run/deps.ts';
import { occasionOf } from '../run/occasion.ts';
import type { Run } from '../run/run.ts';

/**
 * Tells the owner that too many wrong second factors were entered, at the verified address. It counts
 * for no limit, or an attacker could use those up first: it is sent once for each time that the bound is
 * reached. An email that cannot be taken changes no answer.
 */
export async function notifyLocked(
  deps: Pick<FlowDeps, 'outbox' | 'directories' | 'events'>,
  userId: string,
  run: Run,
): Promise<void> {
  if (!deps.outbox.isReady) return;
  try {
    const user = await deps.directories.read(userId);
    if (user === null || user.email === '' || !user.emailVerified) return;
    const time = `${new Date(run.now).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    await deps.outbox.send({
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
