/**
 * Asks who somebody is, on request with the password on the same page, or takes a passkey for it. A
 * name nobody has goes on as if somebody had it; nothing here may tell the two apart.
 */
import { z } from 'zod';
import { MAX_PASSKEY_ANSWER } from '../../core/people/passkey.ts';
import { PASSKEY_KEY, provePasskey } from '../../core/proof/passkey-proof.ts';
import {
  passkeyResponse,
  passkeyFields,
  type PasskeyRequest,
  requestsForAnyone,
} from '../../core/proof/passkey-site.ts';
import { USERNAME_KEY } from '../../core/flow/plan.ts';
import { provePassword, rejectedProof } from '../../core/proof/password-proof.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import type { Message } from '../../core/values/message.ts';
import { texts } from './texts.ts';

/** Longest name or address, in characters (RFC 5321 §4.5.3.1.3 with its erratum 1690). */
const MAX_LOGIN = 254;

const config = z.strictObject({
  by: z
    .array(z.enum(['username', 'email']))
    .min(1)
    .max(2)
    .refine((list) => new Set(list).size === list.length, 'names each way once')
    .prefault(['username', 'email'])
    .describe('What users can sign in with.'),
  with_password: z
    .boolean()
    .prefault(false)
    .describe('Asks for the password on the same page, so no password stage is needed.'),
  passkey: z
    .boolean()
    .prefault(false)
    .describe(
      'Offers passkeys, also in the autofill of the name field. They replace name and password.',
    ),
  remember_username: z
    .boolean()
    .prefault(false)
    .describe('Fills in the name of the last sign-in in this browser, for 90 days.'),
  show_apps: z.boolean().prefault(true).describe('Shows which app requests the sign-in.'),
});
const PORTS = ['accounts', 'directories', 'marks', 'passkeys', 'vault'] as const;
type Context = StageContext<z.infer<typeof config>, (typeof PORTS)[number]>;

const submission = z.strictObject({
  login: z.string().max(MAX_LOGIN).optional(),
  password: z.string().max(MAX_PASSWORD_BYTES).optional(),
  passkey: z.string().max(MAX_PASSKEY_ANSWER).optional(),
  older_passkey: z.string().max(MAX_PASSKEY_ANSWER).optional(),
});

/** See README.md beside this file. */
export const identification = defineStage({
  type: 'identification',
  config,
  submission: {
    shape: submission,
    // A passkey passes the password stage as well.
    asks: ({ passkey }) => (passkey ? 'sometimes' : true),
  },
  uses: PORTS,
  claims: (options) => ({
    wants: [],
    gives: options.with_password ? ['identified', 'verified'] : ['identified'],
    mayProve: options.passkey,
  }),
  texts,
  async open(ctx): Promise<Step> {
    const requests = await requestsOf(ctx);
    return { kind: 'ask', challenge: challenge(ctx, requests, ctx.subject?.login ?? kept(ctx)) };
  },
  async submit(ctx, given): Promise<Step> {
    const { by, with_password: isWithPassword, passkey: isWithPasskey } = ctx.config;
    const { login: typed = '' } = given;
    const requests = await requestsOf(ctx);
    const passkey = passkeyResponse(given);
    const again = (error: Message | null): Challenge =>
      challenge(ctx, requests, typed.trim(), error);
    if (passkey !== '') {
      return isWithPasskey ? byPasskey(ctx, requests, passkey) : invalid(again(null));
    }
    const login = typed.normalize('NFKC').trim();
    const secret = given.password ?? '';
    if (!isName(login)) {
      // Whoever empties the field wants the name forgotten that stood in it.
      const learned = kept(ctx) === '' ? {} : { learned: { [USERNAME_KEY]: false } };
      return { ...invalid(again({ key: 'identification.login.missing' })), ...learned };
    }
    if (isWithPassword ? secret === '' : given.password !== undefined) return invalid(again(null));

    const user = await ctx.ports.directories.find(login, by);
    const subject = { login: typed.trim(), userId: user?.id ?? null };
    // Whoever comes by a name now has not come by a passkey, whatever was before.
    const learned = {
      ...(PASSKEY_KEY in ctx.learned ? { [PASSKEY_KEY]: false } : {}),
      ...(ctx.config.remember_username ? { [USERNAME_KEY]: true } : {}),
    };
    if (!isWithPassword) return { kind: 'pass', identified: subject, learned };
    const proof = await provePassword(ctx, { subject, user }, secret);
    if (proof.result === 'right') {
      return { kind: 'pass', identified: subject, proved: 'password', learned };
    }
    const words = { ...WORDS, wrong: { key: 'identification.wrong' } };
    return { kind: 'ask', challenge: again(null), ...rejectedProof('password', proof, words) };
  },
});

const WORDS = {
  wrong: { key: 'identification.passkey.wrong' },
  busy: { key: 'identification.busy' },
  throttled: { key: 'identification.throttled' },
};

/** Whoever the passkey belongs to, proved at once; it must have verified its owner, since it stands alone. */
async function byPasskey(
  ctx: Context,
  requests: readonly PasskeyRequest[],
  response: string,
): Promise<Step> {
  const { proof, subject, used } = await provePasskey(ctx, response, {
    meant: null,
    verified: true,
  });
  if (proof.result !== 'right') {
    const again = challenge(ctx, requests, '');
    return { kind: 'ask', challenge: again, ...rejectedProof('webauthn', proof, WORDS) };
  }
  return {
    kind: 'pass',
    identified: subject,
    proved: 'webauthn',
    // A passkey is no name: what was typed before in this run is not to be kept.
    learned: {
      [PASSKEY_KEY]: true,
      ...(USERNAME_KEY in ctx.learned ? { [USERNAME_KEY]: null } : {}),
    },
    effects: used === null ? [] : [{ kind: 'use-authenticator', ...used }],
  };
}

/** Whether a directory may be asked for it: nobody is called nothing, and no name has control characters. */
function isName(login: string): boolean {
  return login !== '' && login.length <= MAX_LOGIN && !/\p{Cc}/u.test(login);
}

/** The name this browser was last signed in by, where that is to be kept; else ''. */
function kept(ctx: Pick<Context, 'config' | 'username'>): string {
  return ctx.config.remember_username ? (ctx.username ?? '') : '';
}

function invalid(again: Challenge): Extract<Step, { kind: 'ask' }> {
  return {
    kind: 'ask',
    challenge: again,
    reason: { code: 'answer/invalid' },
    refusal: { key: 'identification.incomplete' },
  };
}

function challenge(
  ctx: Context,
  requests: readonly PasskeyRequest[],
  value: string,
  error: Message | null = null,
): Challenge {
  const { by, with_password: isWithPassword, passkey: isWithPasskey } = ctx.config;
  const [only, other] = by;
  const way = other === undefined ? (only ?? 'username') : 'either';
  const login: Field = {
    kind: way === 'email' ? 'email' : 'text',
    name: 'login',
    label: { key: `identification.login.${way}` },
    autocomplete: isWithPasskey ? 'username webauthn' : 'username',
    required: true,
    maxLength: MAX_LOGIN,
    ...(value === '' ? {} : { value }),
    ...(error === null ? {} : { error }),
  };
  const secret: Field = {
    kind: 'password',
    name: 'password',
    label: { key: 'identification.password' },
    autocomplete: 'current-password',
    required: true,
    maxLength: MAX_PASSWORD_BYTES,
  };
  return {
    type: 'identification',
    title: { literal: ctx.flow.title },
    fields: [login, ...(isWithPassword ? [secret] : []), ...askedPasskeys(ctx, requests)],
    submit: { key: isWithPassword ? 'identification.sign-in' : 'identification.next' },
    // A name that was filled in may be that of somebody else.
    ...(kept(ctx) === '' ? {} : { restart: { key: 'identification.restart' } }),
    ...(ctx.config.show_apps ? {} : { hidesApp: true }),
  };
}

/** The passkey ceremonies that the page offers; none without the option. */
function requestsOf({ config: { passkey }, ports, site }: Context) {
  return passkey ? requestsForAnyone(ports.accounts, site) : Promise.resolve([]);
}

/** Lists no credential: before a user is identified, the browser offers its own. */
function askedPasskeys({ nonce }: Context, requests: readonly PasskeyRequest[]): readonly Field[] {
  return passkeyFields(requests, {
    challenge: nonce,
    userVerification: 'required',
    conditional: true,
    label: { key: 'identification.passkey' },
    olderLabel: { key: 'identification.passkey.older' },
  });
}
