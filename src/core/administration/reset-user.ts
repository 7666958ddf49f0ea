/**
 * Removes what a user signs in with or has agreed to. Nothing stored is decrypted, so this also works
 * for data that no secret can open anymore.
 */
import type { Accounts, AuthenticatorKind } from '../people/account.ts';

/** What can be removed from a user. */
export type ResetPart =
  | 'totp'
  | 'passkeys'
  | 'recoveryCodes'
  | 'emailCodes'
  | 'devices'
  | 'consents';

type ResetAccounts = Pick<
  Accounts,
  'replaceAuthenticators' | 'resetFactorTries' | 'forgetDevices' | 'removeConsents'
>;

const AUTHENTICATORS: Readonly<Partial<Record<ResetPart, AuthenticatorKind>>> = {
  totp: 'totp',
  passkeys: 'webauthn',
  recoveryCodes: 'recovery_code',
  emailCodes: 'email_code',
};

/** Removes these parts. The caller then ends the user's sessions. */
export async function resetUser(
  accounts: ResetAccounts,
  userId: string,
  parts: readonly ResetPart[],
): Promise<void> {
  for (const part of parts) {
    const kind = AUTHENTICATORS[part];
    if (kind !== undefined) {
      await accounts.replaceAuthenticators(userId, kind, []);
      // Failed attempts at a factor that is gone must not lock the next one.
      await accounts.resetFactorTries(userId);
    } else if (part === 'devices') await accounts.forgetDevices(userId);
    else await accounts.removeConsents(userId);
  }
}
