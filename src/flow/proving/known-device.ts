/** Whether a browser is known for the user who is meant. */
import type { Subject } from '../../core/people/subject.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Run } from '../run/run.ts';

/** The device's name, if it has signed this user in before. Asked for unknown names as well: it takes its time. */
export async function knownDevice(
  deps: Pick<FlowDeps, 'accounts'>,
  run: Run,
  subject: Subject,
): Promise<string | null> {
  if (run.device === null) return null;
  const { name } = run.device;
  const isKnown = await deps.accounts.isKnownDevice(subject.userId ?? '', name, run.now);
  return isKnown && subject.userId !== null ? name : null;
}
