/**
 * The address for emails to the subject of a run. An unverified address is only a claim: mail sent
 * there proves the user only if nothing else could, or after another proof.
 */
import type { Effect } from './effect.ts';
import { type Email, isAddress } from './mail.ts';
import { isOwner } from './owner.ts';
import { NO_SIGN_UP, openingOf, type SignUp, signUpOf } from './sign-up.ts';
import type { StageContext } from './stage.ts';

type Context = Pick<
  StageContext<{ readonly enables: boolean }, 'accounts' | 'directories'>,
  'config' | 'user' | 'subject' | 'session' | 'proofs' | 'learned' | 'ports'
>;

/** The account that this stage creates once its address is verified, or null. */
export function applicantOf({
  config,
  learned,
  subject,
}: Pick<Context, 'config' | 'learned' | 'subject'>): SignUp | null {
  return config.enables ? signUpOf(learned, subject) : null;
}

/**
 * The address; `''` for an unknown user, a disabled account, and a missing or unreliable address. The
 * owner of a mistyped address could reset the password, so recovery needs a verified one. A user with
 * neither password nor authenticators has no other way in, and nothing that a stranger could take over.
 * A new account has the address that was typed for it, or that its invitation names.
 */
export async function mailTarget(ctx: Context): Promise<string> {
  const applicant = applicantOf(ctx);
  if (applicant !== null) return applicant.changes.email;
  const { user, subject, ports } = ctx;
  if (user === null || user.id !== subject?.userId || user.disabled) return '';
  if (!isAddress(user.email)) return '';
  if (user.emailVerified || isOwner(ctx)) return user.email;
  const hasPassword = (await ports.directories.hasPassword?.(user.id)) ?? true;
  if (hasPassword || (await ports.accounts.authenticators(user.id)).length > 0) return '';
  return user.email;
}

/**
 * The email as it is sent. If the address of a new account already belongs to a user, its owner is
 * told so by the email, and the page shows nothing of it. `site`: the portal's name.
 */
export async function mailedTo(ctx: Context, email: Email, site: string): Promise<Email> {
  if (applicantOf(ctx) === null) return email;
  const { directories } = ctx.ports;
  // Both lookups, so that a taken address takes no less work than a free one.
  const owner = await directories.find(email.to, ['username', 'email']);
  const isKnown = (await directories.knows?.(email.to)) === true;
  if (owner === null && !isKnown) return email;
  const values = { account: owner?.name ?? email.to, site };
  return { ...email, template: 'account-exists', values };
}

/** What a stage does once the user has used a code or link sent to `address`. */
export function afterMail(
  ctx: Context,
  address: string | null,
): {
  readonly learned: Readonly<Record<string, null>>;
  readonly effects: readonly Effect[];
} {
  const applicant = applicantOf(ctx);
  return applicant === null
    ? { learned: {}, effects: verifiedEmail(ctx, address) }
    : { learned: NO_SIGN_UP, effects: openingOf(applicant) };
}

/** The effects to order after the user has used a code or link sent to `address`. */
export function verifiedEmail(
  { user }: Pick<Context, 'user'>,
  address: string | null,
): readonly Effect[] {
  if (user === null || address === null || user.emailVerified || user.email !== address) return [];
  return [{ kind: 'verify-email', email: address }];
}
