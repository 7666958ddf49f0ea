/**
 * An invitation that outlasts its run: whoever starts again was still invited. Runs know it by its
 * one-way name alone; that travels in the address, sealed for this very browser, and is of no use
 * in another. What it is worth is asked of the accounts each time.
 */
import type { AccountReader } from '../../core/people/account.ts';
import { INVITATION_KEY, type Plan } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Browser } from '../run/run.ts';

const PURPOSE = 'invited';
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;
const SEALED = /^[A-Za-z0-9_-]{1,512}$/;

/** For the parameter `invited` of a fresh start; null for a run without an invitation, or of another browser. */
export function carriedInvitation(
  vault: Vault,
  browser: Browser,
  plan: Pick<Plan, 'browser' | 'learned'>,
): string | null {
  const name = plan.learned[INVITATION_KEY];
  if (typeof name !== 'string' || plan.browser !== browser.name) return null;
  return Buffer.from(vault.seal(PURPOSE, browser.secret, name)).toString('base64url');
}

/** One-way name of the invitation that a request came with: its token, or what was carried along. Null for none. */
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

/** Whether an invitation, by its one-way name, is good for a flow now: that is what a policy may go by. */
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
