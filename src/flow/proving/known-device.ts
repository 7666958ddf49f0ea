/** Whether this browser has signed the subject in before. */
import type { AccountReader } from '../../core/people/account.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { Run } from '../run/run.ts';

/**
 * The name of the device if it has signed this user in before; otherwise null. The lookup also runs
 * for unknown names, so that they take as long as known ones.
 */
export async function knownDevice(
  accounts: Pick<AccountReader, 'isKnownDevice'>,
  run: Pick<Run, 'device' | 'now'>,
  subject: Subject,
): Promise<string | null> {
  if (run.device === null) return null;
  const { name } = run.device;
  const isKnown = await accounts.isKnownDevice(subject.userId ?? '', name, run.now);
  return isKnown && subject.userId !== null ? name : null;
}
