/**
 * Invitations outlast a run, so that a user who starts again is still invited. Runs know only the
 * one-way name. It travels in the URL, sealed for this browser and useless in another. The accounts
 * decide each time whether it is still valid.
 */
import type { AccountReader } from '../../core/people/account.ts';
import { INVITATION_KEY, type Plan } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Browser } from '../run/run.ts';

const PURPOSE = 'invited';
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;
const SEALED = /^[A-Za-z0-9_-]{1,512}$/;

/** The value of `invited` for a fresh start; null if the run has no invitation or belongs to another browser. */
export function carriedInvitation(
  vault: Pick<Vault, 'seal'>,
  browser: Browser,
  plan: Pick<Plan, 'browser' | 'learned'>,
): string | null {
  const name = plan.learned[INVITATION_KEY];
  if (typeof name !== 'string' || plan.browser !== browser.name) return null;
  return Buffer.from(vault.seal(PURPOSE, browser.secret, name)).toString('base64url');
}

/** One-way name of the invitation in a request, from its token or from `invited`; null for none. */
export function broughtInvitation(
  vault: Vault,
  browser: Browser,
  query: { readonly token: string | null; readonly carried: string | null },
): string | null {
  const { token, carried } = query;
  if (token !== null) return TOKEN.test(token) ? vault.name('invitation', token) : null;
  if (carried === null || !SEALED.test(carried)) return null;
  return vault.open(PURPOSE, browser.secret, Buffer.from(carried, 'base64url'));
}

/** Whether an invitation is valid for a flow now, which policies may rely on. `name`: its one-way name, or null. */
export async function isInvited(
  accounts: Pick<AccountReader, 'invitation'>,
  name: string | null,
  flow: string,
  now: number,
): Promise<boolean> {
  const found = name === null ? null : await accounts.invitation(name);
  if (found === null || found.flow !== flow || now >= found.expiresAt) return false;
  return !found.singleUse || found.used === 0;
}
