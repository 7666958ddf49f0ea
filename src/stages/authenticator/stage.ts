/**
 * Asks for a second factor, or for the only factor: passkey, app, recovery code or emailed code.
 * Shows the last used method first, with links to the others. Each code is accepted once.
 */
import { z } from 'zod';
import type { AuthenticatorKind } from '../../core/people/account.ts';
import { languageOf } from '../../core/flow/mail.ts';
import { mailCode, mayMailAgain } from '../../core/proof/mailed-code.ts';
import { MAX_PASSKEY_ANSWER } from '../../core/people/passkey.ts';
import { PASSKEY_KEY } from '../../core/proof/passkey-proof.ts';
import { passkeyResponse } from '../../core/proof/passkey-site.ts';
import { isFreshOwner } from '../../core/flow/owner.ts';
import { rejectedProof } from '../../core/proof/password-proof.ts';
import { defineStage, type Step } from '../../core/flow/stage.ts';
import { challenge, MAX_CODE } from './challenge.ts';
import { claimsOf, config, insertionsOf, setUpsOf } from './options.ts';
import { check } from './proof.ts';
import { type Context, forget, keep, PORTS, type StageState, stateOf } from './state.ts';
import { texts } from './texts.ts';

/** See README.md beside this file. */
export const authenticator = defineStage({
  type: 'authenticator',
  config,
  submission: {
    shape: z.strictObject({
      code: z.string().max(MAX_CODE).optional(),
      passkey: z.string().max(MAX_PASSKEY_ANSWER).optional(),
      older_passkey: z.string().max(MAX_PASSKEY_ANSWER).optional(),
      way: z.string().max(32).optional(),
    }),
    asks: () => 'sometimes',
  },
  uses: PORTS,
  claims: claimsOf,
  assures: { secondFactor: (options) => options.not_configured !== 'skip' },
  inserts: insertionsOf,
  needs: { mailer: (options) => options.methods.includes('email_code') },
  texts,
  async open(ctx): Promise<Step> {
    if (ctx.subject === null) return NO_USER;
    const state = await stateOf(ctx, ctx.subject);
    const early = await withoutAsking(ctx, state);
    if (early !== null) return early;
    const { way, kept } = state;
    if (way === null) return notConfigured(ctx, state);
    const isUnsent = way === 'email_code' && kept.code === null;
    return isUnsent ? mail(ctx, state) : ask(ctx, state, way);
  },
  async submit(ctx, given): Promise<Step> {
    if (ctx.subject === null) return NO_USER;
    const state = await stateOf(ctx, ctx.subject);
    const { way, ways, kept } = state;
    if (way === null) return notConfigured(ctx, state);
    const { code = '', way: wanted = '' } = given;
    const passkey = passkeyResponse(given);
    const other = ways.find((one) => one === wanted);
    if (other === 'email_code' && mayMailAgain(kept.code, ctx.now)) return mail(ctx, state);
    if (other !== undefined) {
      const learned = keep(ctx, kept, { way: other });
      return { ...ask(ctx, state, other), learned };
    }
    const checked = await check(ctx, state, way, { code, passkey });
    const { proof } = checked;
    if (proof.result === 'right') {
      return { kind: 'pass', proved: way, learned: forget(ctx), effects: checked.effects };
    }
    const words = {
      wrong: { key: `authenticator.wrong.${way}` },
      busy: { key: 'authenticator.busy' },
      throttled: { key: 'authenticator.throttled' },
    };
    return { ...ask(ctx, state, way), ...rejectedProof(way, proof, words) };
  },
});

/** The linker prevents this. If it happens anyway, access is denied. */
const NO_USER: Step = {
  kind: 'stop',
  reason: { code: 'user/none' },
  text: { key: 'authenticator.nobody' },
};
const NONE: Step = {
  kind: 'stop',
  reason: { code: 'authenticator/none' },
  text: { key: 'authenticator.none' },
};
/** For users without a password: signing in again is the only way to prove who they are. */
const STALE: Step = {
  kind: 'stop',
  reason: { code: 'session/stale' },
  text: { key: 'authenticator.stale' },
};
const PASS: Step = { kind: 'pass' };

/**
 * Passes without asking if the user has just signed in with a passkey, has just set up a factor, or
 * used one recently on this device.
 */
async function withoutAsking(ctx: Context, state: StageState): Promise<Step | null> {
  const { methods, last_used_within: within } = ctx.config;
  if (!state.isOwner) return null;
  const has = (method: AuthenticatorKind): boolean =>
    methods.includes(method) && ctx.proofs.some((proof) => proof.method === method);
  if (ctx.learned[PASSKEY_KEY] === true && has('webauthn')) return PASS;
  if (state.kept.configured && has(ctx.config.configure)) return PASS;
  // A known device does not help users who have no factor left: they are refused or set one up.
  if (within === undefined || ctx.device === null || state.way === null) return null;
  const devices = await ctx.ports.accounts.devices(state.subject.userId ?? '', ctx.now);
  const factorAt = devices.find((one) => one.device === ctx.device)?.factorAt ?? null;
  return factorAt !== null && ctx.now - factorAt < within ? PASS : null;
}

async function notConfigured(ctx: Context, { isOwner, kept, subject }: StageState): Promise<Step> {
  const { not_configured: how } = ctx.config;
  if (!isOwner || how === 'deny' || kept.configured) return NONE;
  if (how === 'skip') return PASS;
  const learned = keep(ctx, kept, { configured: true });
  if (isFreshOwner(ctx)) return { kind: 'insert', stages: setUpsOf(ctx.config), learned };
  // A hijacked session must not let the attacker register the first factor of the account.
  const isRequired = await hasPassword(ctx, subject.userId ?? '');
  return isRequired ? { kind: 'insert', stages: insertionsOf(ctx.config), learned } : STALE;
}

/**
 * Whether a password stage would really ask: the user has a password and did not sign in with a
 * passkey.
 */
async function hasPassword(ctx: Context, userId: string): Promise<boolean> {
  if (ctx.learned[PASSKEY_KEY] === true) return false;
  return (await ctx.ports.directories.hasPassword?.(userId)) ?? true;
}

/** Sends a code to the last used email address. */
function mail(ctx: Context, state: StageState): Step {
  const to = state.owned.find((one) => one.kind === 'email_code')?.data['email'];
  if (typeof to !== 'string') return NONE;
  const { kept } = state;
  const made = mailCode(ctx.ports, {
    planId: ctx.planId,
    to,
    now: ctx.now,
    site: ctx.site.name,
    language: languageOf(ctx.facts),
    before: kept.code,
  });
  const now = { way: 'email_code', code: made.kept } as const;
  return {
    ...ask(ctx, { ...state, kept: { ...kept, ...now } }, 'email_code'),
    learned: keep(ctx, kept, now),
    effects: [{ kind: 'send-mail', email: made.email }],
  };
}

function ask(ctx: Context, state: StageState, way: AuthenticatorKind) {
  return { kind: 'ask' as const, challenge: challenge(ctx, state, way) };
}
