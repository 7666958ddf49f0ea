/**
 * Asks for the username or email address, optionally with the password on the same page, or accepts
 * a passkey instead. Unknown usernames continue exactly like known ones; nothing here may reveal
 * the difference.
 */
import { z } from 'zod';
import { name } from '../../schema/names.ts';
import { MAX_PASSKEY_ANSWER } from '../../core/people/passkey.ts';
import { PASSKEY_KEY, provePasskey } from '../../core/proof/passkey-proof.ts';
import {
  passkeyResponse,
  passkeyFields,
  type PasskeyRequest,
  requestsForAnyone,
} from '../../core/proof/passkey-site.ts';
import { linkChallenge } from '../../core/proof/source-password.ts';
import { sourceButtons, sourceStep } from '../../core/proof/source-proof.ts';
import { FORGOTTEN, PENDING_KEY, SOURCE_KEY } from '../../core/proof/source-step.ts';
import { MAX_ANSWER } from '../../core/sources/passage.ts';
import { USERNAME_KEY } from '../../core/flow/plan.ts';
import { provePassword, rejectedProof } from '../../core/proof/password-proof.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import type { Message } from '../../core/values/message.ts';
import { texts } from './texts.ts';

/**
 * Maximum length of a username or address, in characters (RFC 5321 §4.5.3.1.3 with its erratum
 * 1690).
 */
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
  sources: z
    .union([z.literal('all'), z.array(name).max(16)], 'expected a list of sources, or all')
    .prefault([])
    .describe(
      'Sources with a button beside the form: a list of names, or `all`. They replace name and password.',
    ),
  remember_username: z
    .boolean()
    .prefault(false)
    .describe('Fills in the name of the last sign-in in this browser, for 90 days.'),
  sign_up: name
    .optional()
    .describe('Flow that “Create an account” links to, such as sign-up. Default: no link.'),
  show_apps: z.boolean().prefault(true).describe('Shows which app requests the sign-in.'),
});
const PORTS = [
  'accounts',
  'directories',
  'links',
  'marks',
  'passkeys',
  'random',
  'sources',
  'users',
  'vault',
] as const;
type Context = StageContext<z.infer<typeof config>, (typeof PORTS)[number]>;

const submission = z.strictObject({
  login: z.string().max(MAX_LOGIN).optional(),
  password: z.string().max(MAX_PASSWORD_BYTES).optional(),
  passkey: z.string().max(MAX_PASSKEY_ANSWER).optional(),
  older_passkey: z.string().max(MAX_PASSKEY_ANSWER).optional(),
  source: z.string().max(64).optional(),
  back: z.string().max(MAX_ANSWER).optional(),
});

/** See README.md beside this file. */
export const identification = defineStage({
  type: 'identification',
  config,
  submission: {
    shape: submission,
    // A passkey or a source passes the password stage as well.
    asks: (options) => (isForNameless(options) ? 'sometimes' : true),
  },
  uses: PORTS,
  claims: (options) => ({
    wants: [],
    gives: options.with_password ? ['identified', 'verified'] : ['identified'],
    mayProve: isForNameless(options),
  }),
  leads: {
    sources: ({ sources: names }) => ({ names, option: 'sources' }),
    links: ({ sign_up: flow }) => (flow === undefined ? [] : [{ flow, option: 'sign_up' }]),
  },
  takesAnswers: true,
  texts,
  async open(ctx): Promise<Step> {
    const linking = await linkChallenge(ctx);
    if (linking !== null) return { kind: 'ask', challenge: linking };
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
    if (passkey === '' && isAboutSource(given)) {
      const step = await sourceStep(ctx, given, ctx.config.sources);
      if (step?.kind === 'rejected') return { ...step, kind: 'ask', challenge: again(null) };
      if (step !== null) return step;
    }
    if (passkey !== '') {
      return isWithPasskey ? byPasskey(ctx, requests, passkey) : invalid(again(null));
    }
    const login = typed.normalize('NFKC').trim();
    const secret = given.password ?? '';
    if (!isName(login)) {
      // Submitting an empty field clears the remembered username.
      const learned = kept(ctx) === '' ? {} : { learned: { [USERNAME_KEY]: false } };
      return { ...invalid(again({ key: 'identification.login.missing' })), ...learned };
    }
    if (isWithPassword ? secret === '' : given.password !== undefined) return invalid(again(null));

    const user = await ctx.ports.directories.find(login, by);
    const subject = { login: typed.trim(), userId: user?.id ?? null };
    // A username replaces a passkey or a source used earlier in this run.
    const learned = {
      ...(PASSKEY_KEY in ctx.learned ? { [PASSKEY_KEY]: false } : {}),
      ...(SOURCE_KEY in ctx.learned ? { [SOURCE_KEY]: false } : {}),
      ...(PENDING_KEY in ctx.learned ? FORGOTTEN : {}),
      ...(ctx.config.remember_username ? { [USERNAME_KEY]: true } : {}),
    };
    if (!isWithPassword) return { kind: 'pass', identified: subject, learned };
    const proof = await provePassword(ctx, { subject, user }, secret);
    if (proof.result === 'right') {
      return { kind: 'pass', identified: subject, proved: 'password', learned };
    }
    const words = {
      ...WORDS,
      wrong: { key: 'identification.wrong' },
      expired: { key: 'identification.expired' },
    };
    return { kind: 'ask', challenge: again(null), ...rejectedProof('password', proof, words) };
  },
});

const WORDS = {
  wrong: { key: 'identification.passkey.wrong' },
  busy: { key: 'identification.busy' },
  throttled: { key: 'identification.throttled' },
};

/**
 * Identifies and proves the owner of a passkey. The passkey is the only factor, so it must verify
 * the user.
 */
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
    // A passkey sign-in has no typed username, so discard one typed earlier in this run.
    learned: {
      [PASSKEY_KEY]: true,
      ...(USERNAME_KEY in ctx.learned ? { [USERNAME_KEY]: null } : {}),
    },
    effects: used === null ? [] : [{ kind: 'use-authenticator', ...used }],
  };
}

/** Whether a source was chosen or has answered, or the page was one about a source, without a name. */
function isAboutSource({ login, source, back }: z.infer<typeof submission>): boolean {
  return login === undefined || source !== undefined || back !== undefined;
}

/** Whether it accepts more than names. */
function isForNameless({ passkey, sources }: z.infer<typeof config>): boolean {
  return passkey || sources.length > 0;
}

/** Whether the text can be looked up: not empty, not too long, and without control characters. */
function isName(login: string): boolean {
  return login !== '' && login.length <= MAX_LOGIN && !/\p{Cc}/u.test(login);
}

/** The username of the last sign-in in this browser if it is to be remembered, otherwise ''. */
function kept(ctx: Pick<Context, 'config' | 'username'>): string {
  return ctx.config.remember_username ? (ctx.username ?? '') : '';
}

function invalid(again: Challenge): Extract<Step, { kind: 'ask' }> {
  return {
    kind: 'ask',
    challenge: again,
    reason: { code: 'answer/invalid' },
    rejection: { key: 'identification.incomplete' },
  };
}

function challenge(
  ctx: Context,
  requests: readonly PasskeyRequest[],
  value: string,
  error: Message | null = null,
): Challenge {
  const { by, with_password: isWithPassword, passkey: isWithPasskey, sign_up: flow } = ctx.config;
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
    fields: [
      login,
      ...(isWithPassword ? [secret] : []),
      ...requestFields(ctx, requests),
      ...sourceButtons(ctx.ports.sources, ctx.config.sources, {
        label: { key: 'identification.sources' },
        button: 'identification.source',
        required: false,
      }),
    ],
    submit: { key: isWithPassword ? 'identification.sign-in' : 'identification.next' },
    // The prefilled username may belong to another user.
    ...(kept(ctx) === '' ? {} : { restart: { key: 'identification.restart' } }),
    ...(flow === undefined ? {} : { links: [{ label: { key: 'identification.create' }, flow }] }),
    ...(ctx.config.show_apps ? {} : { hidesApp: true }),
  };
}

/** The passkey requests on the page; none if passkeys are off. */
function requestsOf({ config: { passkey }, ports, site }: Context) {
  return passkey ? requestsForAnyone(ports.accounts, site) : Promise.resolve([]);
}

/** Lists no credentials: before the user is identified, the browser offers its own. */
function requestFields({ nonce }: Context, requests: readonly PasskeyRequest[]): readonly Field[] {
  return passkeyFields(requests, {
    challenge: nonce,
    userVerification: 'required',
    conditional: true,
    label: { key: 'identification.passkey' },
    olderLabel: { key: 'identification.passkey.older' },
  });
}
