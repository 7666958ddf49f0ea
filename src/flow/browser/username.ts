/**
 * The username typed at the last sign-in from this browser, for the next one. It is kept only after a
 * session has started, so that it never reveals which accounts exist, and forgotten when another
 * username is typed.
 */
import { type Plan, USERNAME_KEY } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { clearedUsername, readUsernameCookie, usernameCookie } from './cookies.ts';
import type { Run } from '../run/run.ts';

/** How long it is kept, in milliseconds. */
export const USERNAME_KEPT_FOR = 90 * 86_400_000;
const PURPOSE = 'username';
/** Longest username that identification accepts, in characters. */
const MAX_NAME = 254;

/** The username in a Cookie header; null if it is missing, not ours or too old. */
export function keptUsername(
  vault: Vault,
  snapshot: Snapshot,
  cookieHeader: string | null,
  now: number,
): string | null {
  const value = readUsernameCookie(snapshot, cookieHeader);
  if (value === null) return null;
  const text = vault.open(PURPOSE, '', Buffer.from(value, 'base64url'));
  const mark = text?.indexOf(' ') ?? -1;
  if (text === null || mark < 0 || now >= Number(text.slice(0, mark))) return null;
  return text.slice(mark + 1);
}

/** The Set-Cookie line for a run that starts a session; null if the username is not to be kept. */
export function keepUsername(
  vault: Vault,
  plan: Pick<Plan, 'learned' | 'subject'>,
  run: Run,
): string | null {
  const login = plan.subject?.login ?? '';
  if (plan.learned[USERNAME_KEY] !== true || login === '' || login.length > MAX_NAME) return null;
  const sealed = vault.seal(PURPOSE, '', `${run.now + USERNAME_KEPT_FOR} ${login}`);
  const value = Buffer.from(sealed).toString('base64url');
  return usernameCookie(run.snapshot, value, USERNAME_KEPT_FOR / 1000);
}

/** The Set-Cookie line that removes it; null unless another username was typed or the user opted out. */
export function forgetUsername(plan: Pick<Plan, 'learned' | 'subject'>, run: Run): string | null {
  const isKept = plan.learned[USERNAME_KEY];
  if (run.username === null || typeof isKept !== 'boolean') return null;
  const isOther = !isKept || plan.subject?.login !== run.username;
  return isOther ? clearedUsername(run.snapshot) : null;
}
