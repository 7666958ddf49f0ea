/**
 * Sets up a passkey or security key: the browser creates it and the user names it. The challenge is
 * bound to the plan's current state and valid once.
 */
import { z } from 'zod';
import { type Authenticator, MOST_AUTHENTICATORS } from '../../core/people/account.ts';
import type { Message } from '../../core/values/message.ts';
import { isOwner } from '../../core/flow/owner.ts';
import {
  creationOptions,
  MAX_PASSKEY_ANSWER,
  type NewPasskey,
  passkeyOf,
  USER_VERIFICATIONS,
} from '../../core/people/passkey.ts';
import { HANDLE_KEY, newUserHandle } from '../../core/proof/passkey-proof.ts';
import { passkeysAt, RP_KEY } from '../../core/proof/passkey-site.ts';
import { rejectedProof } from '../../core/proof/password-proof.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { texts } from './texts.ts';

/** Maximum length of a passkey's name, in characters. */
const MAX_NAME = 64;

const config = z.strictObject({
  attachment: z
    .enum(['any', 'platform', 'cross-platform'])
    .prefault('any')
    .describe('platform: only this device. cross-platform: only security keys and phones.'),
  resident_key: z
    .enum(USER_VERIFICATIONS)
    .prefault('required')
    .describe('Whether it can be used without a username. Required for passkey sign-in.'),
  user_verification: z
    .enum(USER_VERIFICATIONS)
    .prefault('preferred')
    .describe('Whether it must verify its owner by PIN, fingerprint or face.'),
  name: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Name of the site in the browser’s dialog. Default: the name of the portal.'),
});
type Context = StageContext<
  z.infer<typeof config>,
  'accounts' | 'marks' | 'passkeys' | 'random' | 'vault'
>;

/** See README.md beside this file. */
export const webauthnSetup = defineStage({
  type: 'webauthn_setup',
  config,
  submission: {
    shape: z.strictObject({
      passkey: z.string().max(MAX_PASSKEY_ANSWER),
      nickname: z.string().max(MAX_NAME).optional(),
    }),
  },
  uses: ['accounts', 'marks', 'passkeys', 'random', 'vault'],
  claims: () => ({ wants: ['identified', 'owner'], gives: [], mayProve: true }),
  setsUp: true,
  texts,
  async open(ctx): Promise<Step> {
    if (!isOwner(ctx)) return NOT_OWNER;
    const known = await ctx.ports.accounts.authenticators(ctx.subject.userId, 'webauthn');
    if (known.length >= MOST_AUTHENTICATORS) return TOO_MANY;
    return { kind: 'ask', challenge: challenge(ctx, known, '') };
  },
  async submit(ctx, given): Promise<Step> {
    if (!isOwner(ctx)) return NOT_OWNER;
    const { userId } = ctx.subject;
    const { accounts } = ctx.ports;
    const known = await accounts.authenticators(userId, 'webauthn');
    const nickname = (given.nickname ?? '').normalize('NFKC').trim().slice(0, MAX_NAME);
    const isClean = !/\p{Cc}/u.test(nickname);
    const again = challenge(ctx, known, isClean ? nickname : '');
    if (!isClean) return rejected(again, { key: 'webauthn_setup.nickname.bad' });
    const registered: { passkey: NewPasskey | null } = { passkey: null };
    const proof = await ctx.prove('webauthn', ctx.subject, async () => {
      registered.passkey = await register(ctx, given.passkey);
      return registered.passkey === null ? 'wrong' : 'right';
    });
    if (proof.result !== 'right') {
      return { kind: 'ask', challenge: again, ...rejectedProof('webauthn', proof, WORDS) };
    }
    if (registered.passkey === null) throw new TypeError('a proof without a passkey');
    const { id, data } = registered.passkey;
    if ((await accounts.authenticatorBy('webauthn', id)) !== null) {
      return rejected(again, { key: 'webauthn_setup.exists' });
    }
    const authenticator: Authenticator = {
      id: ctx.ports.random.token(16),
      userId,
      kind: 'webauthn',
      name: nickname === '' ? `Passkey ${known.length + 1}` : nickname,
      createdAt: ctx.now,
      lastUsedAt: ctx.now,
      handle: id,
      data: {
        ...data,
        [RP_KEY]: ctx.site.rpId,
        [HANDLE_KEY]: newUserHandle(ctx.ports.vault, ctx.nonce, ofPortal(ctx, known)),
      },
    };
    return {
      kind: 'pass',
      proved: 'webauthn',
      effects: [{ kind: 'add-authenticator', authenticator }],
    };
  },
});

const WORDS = {
  wrong: { key: 'webauthn_setup.wrong' },
  busy: { key: 'webauthn_setup.busy' },
  throttled: { key: 'webauthn_setup.throttled' },
};
/** The linker prevents this. If it happens anyway, nothing is set up. */
const NOT_OWNER: Step = {
  kind: 'stop',
  reason: { code: 'user/unproved' },
  text: { key: 'webauthn_setup.unproved' },
};
const TOO_MANY: Step = {
  kind: 'stop',
  reason: { code: 'authenticator/too-many' },
  text: { key: 'webauthn_setup.too-many' },
};

/** Returns the new passkey if the response matches this challenge. Each challenge is tried once. */
async function register(ctx: Context, answer: string): Promise<NewPasskey | null> {
  const { marks, passkeys } = ctx.ports;
  if (!(await marks.take(`passkey:${ctx.nonce}`, ctx.expiresAt))) return null;
  const { origin, rpId } = ctx.site;
  const verified = ctx.config.user_verification === 'required';
  return passkeys.register(answer, { challenge: ctx.nonce, origin, rpId, verified });
}

/**
 * Returns the passkeys of the portal's own host. Older passkeys on the same device must not prevent
 * a new one, and other hosts of the domain can ask browsers for their user handles.
 */
function ofPortal(ctx: Context, known: readonly Authenticator[]): readonly Authenticator[] {
  return passkeysAt(known, ctx.site.rpId, ctx.site);
}

function rejected(again: Challenge, rejection: Message): Step {
  return { kind: 'ask', challenge: again, reason: { code: 'answer/invalid' }, rejection };
}

function challenge(ctx: Context, known: readonly Authenticator[], nickname: string): Challenge {
  const { attachment, resident_key: residentKey, user_verification: userVerification } = ctx.config;
  const name = ctx.user?.name ?? ctx.subject?.login ?? '';
  const here = ofPortal(ctx, known);
  return {
    type: 'webauthn_setup',
    title: { key: 'webauthn_setup.title' },
    lead: { key: 'webauthn_setup.lead' },
    fields: [
      {
        kind: 'text',
        name: 'nickname',
        label: { key: 'webauthn_setup.nickname' },
        autocomplete: 'off',
        required: false,
        maxLength: MAX_NAME,
        ...(nickname === '' ? {} : { value: nickname }),
      },
      {
        kind: 'passkey',
        name: 'passkey',
        ceremony: 'create',
        options: creationOptions({
          challenge: ctx.nonce,
          rp: { id: ctx.site.rpId, name: ctx.config.name ?? ctx.site.name },
          user: {
            id: newUserHandle(ctx.ports.vault, ctx.nonce, here),
            name,
            displayName: ctx.user?.displayName || name,
          },
          attachment: attachment === 'any' ? null : attachment,
          residentKey,
          userVerification,
          excluded: here.map(passkeyOf),
        }),
        conditional: false,
        label: { key: 'webauthn_setup.make' },
      },
    ],
    submit: { key: 'webauthn_setup.make' },
  };
}
