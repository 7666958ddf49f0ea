/**
 * Where an email to the subject of a run goes. An address that is not verified is only a claim: mail
 * sent there proves the user and opens the account only where nothing else could, or after another proof.
 */

import type { Effect } from './effect.ts';
import { isAddress } from './mail.ts';
import { isOwner } from './owner.ts';
import type { StageContext } from './stage.ts';

type Context = Pick<
  StageContext<unknown, 'accounts' | 'directories'>,
  'user' | 'subject' | 'session' | 'proofs' | 'ports'
>;

/**
 * The address; `''` for an unknown user, a disabled account, none, or one that is not to be believed.
 * A mistyped address would let its owner reset the password, so recovery needs a verified one. A user
 * without a password and without authenticators has no other way in, and no one else's way to lose.
 */
export async function mailTarget(ctx: Context): Promise<string> {
  const { user, subject, ports } = ctx;
  if (user === null || user.id !== subject?.userId || user.disabled) return '';
  if (!isAddress(user.email)) return '';
  if (user.emailVerified || isOwner(ctx)) return user.email;
  const hasPassword = (await ports.directories.hasPassword?.(user.id)) ?? true;
  if (hasPassword || (await ports.accounts.authenticators(user.id)).length > 0) return '';
  return user.email;
}

/** What to order once a code or link sent to `address` came back. */
export function verifiedEmail(
  { user }: Pick<Context, 'user'>,
  address: string | null,
): readonly Effect[] {
  if (user === null || address === null || user.emailVerified || user.email !== address) return [];
  return [{ kind: 'verify-email', email: address }];
}
