/**
 * The address for emails to the subject of a run. An unverified address is only a claim: mail sent
 * there proves the user only if nothing else could, or after another proof.
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
 * The address; `''` for an unknown user, a disabled account, and a missing or unreliable address. The
 * owner of a mistyped address could reset the password, so recovery needs a verified one. A user with
 * neither password nor authenticators has no other way in, and nothing that a stranger could take over.
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

/** The effects to order after the user has used a code or link sent to `address`. */
export function verifiedEmail(
  { user }: Pick<Context, 'user'>,
  address: string | null,
): readonly Effect[] {
  if (user === null || address === null || user.emailVerified || user.email !== address) return [];
  return [{ kind: 'verify-email', email: address }];
}
