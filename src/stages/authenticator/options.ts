/** Options of the authenticator stage and the claims the linker derives from them. */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import { AUTHENTICATOR_KINDS } from '../../core/people/account.ts';
import { USER_VERIFICATIONS } from '../../core/people/passkey.ts';
import type { Claim, Insertion } from '../../core/flow/stage.ts';

const lastUsed = duration()
  .optional()
  .describe('Skips the stage on a device where the user gave a second factor within this time.');

export const config = z
  .strictObject({
    methods: z
      .array(z.enum(AUTHENTICATOR_KINDS))
      .min(1)
      .refine((list) => new Set(list).size === list.length, 'names each method once')
      .prefault(['webauthn', 'totp', 'recovery_code'])
      .describe(
        'Accepted methods. The first is shown first, unless the user used a different one last.',
      ),
    not_configured: z
      .enum(['skip', 'deny', 'configure'])
      .prefault('skip')
      .describe('For users who have none of these: let them pass, refuse them, or set one up now.'),
    configure: z
      .enum(['totp', 'webauthn'])
      .prefault('totp')
      .describe(
        'What `not_configured: configure` sets up. Includes recovery codes if they are a method.',
      ),
    last_used_within: lastUsed,
    user_verification: z
      .enum(USER_VERIFICATIONS)
      .prefault('preferred')
      .describe('Whether a passkey must verify its owner by PIN, fingerprint or face.'),
  })
  .refine(
    (options) =>
      options.not_configured !== 'configure' || options.methods.includes(options.configure),
    { path: ['configure'], message: 'is none of the methods, so setting it up would not help' },
  );
export type Options = z.infer<typeof config>;

/** The claims these options allow the linker to rely on. */
export function claimsOf(options: Options): {
  readonly wants: readonly Claim[];
  readonly gives: readonly Claim[];
  readonly mayProve: true;
} {
  const { methods, not_configured: notConfigured, last_used_within: within } = options;
  const isSure = notConfigured !== 'skip' && within === undefined;
  // Emails, known devices and the absence of a second factor concern the account owner only.
  const isRevealing = notConfigured !== 'deny' || within !== undefined;
  const isOwners = isRevealing || methods.includes('email_code');
  return {
    wants: isOwners ? ['identified', 'owner'] : ['identified'],
    gives: isSure ? ['verified'] : [],
    mayProve: true,
  };
}

/** Confirms the user again before setup if the last proof is not recent. */
const PASSWORD: Insertion = { type: 'password', options: {} };

/** Every stage that may be inserted for a user without a second factor. */
export function insertionsOf(options: Options): readonly Insertion[] {
  return options.not_configured === 'configure' ? [PASSWORD, ...setUpsOf(options)] : [];
}

/** The setup stages inserted for a user without a second factor. */
export function setUpsOf(options: Options): readonly Insertion[] {
  const isPasskey = options.configure === 'webauthn';
  return [
    isPasskey
      ? { type: 'webauthn_setup', options: { user_verification: options.user_verification } }
      : { type: 'totp_setup', options: {} },
    ...(options.methods.includes('recovery_code')
      ? [{ type: 'recovery_codes_setup', options: {} }]
      : []),
  ];
}
