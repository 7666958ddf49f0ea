/**
 * Checks a submission for each method through the throttled proof. Every code, recovery code and
 * passkey challenge is accepted at most once.
 */
import type { Authenticator, AuthenticatorKind } from '../../core/people/account.ts';
import { takeMailedCode, typedCode } from '../../core/proof/mailed-code.ts';
import { provePasskey } from '../../core/proof/passkey-proof.ts';
import { recoveryCodeName } from '../../core/proof/recovery-code.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { ProofResult } from '../../core/flow/stage.ts';
import type { Context, StageState } from './state.ts';
import { stepOf } from './totp.ts';

/**
 * How long a used recovery code stays marked as used in case removing it fails, in milliseconds.
 */
const BURNT = 30 * 86_400_000;

/** The result of the proof and the effects to apply. */
export interface Checked {
  readonly proof: ProofResult;
  readonly effects: readonly Effect[];
}

type Used = readonly Effect[] | null;

export async function check(
  ctx: Context,
  state: StageState,
  way: AuthenticatorKind,
  given: { readonly code: string; readonly passkey: string },
): Promise<Checked> {
  if (way === 'webauthn') return passkey(ctx, state, given.passkey);
  let used: Used = null;
  const proof = await ctx.prove(way, state.subject, async () => {
    const { user, subject } = ctx;
    // Unknown users do the same work and get the same result, so neither reveals whether an account
    // exists.
    const isOpen = user !== null && user.id === subject?.userId && !user.disabled;
    const found = await CHECKS[way](ctx, state, given.code);
    used = isOpen ? found : null;
    return used === null ? 'wrong' : 'right';
  });
  return { proof, effects: used ?? [] };
}

const CHECKS: Readonly<
  Record<
    Exclude<AuthenticatorKind, 'webauthn'>,
    (ctx: Context, state: StageState, typed: string) => Promise<Used>
  >
> = { totp, recovery_code: recoveryCode, email_code: emailCode };

async function totp(ctx: Context, { owned }: StageState, typed: string): Promise<Used> {
  for (const one of owned) {
    const step = one.kind === 'totp' ? await stepOf(one.data, typedCode(typed), ctx.now) : null;
    if (step === null) continue;
    // By then the step is outside the window that any accepted clock could still match.
    const until = ctx.now + 4 * step.period * 1000;
    if (await ctx.ports.marks.take(`totp:${one.id}:${step.at}`, until)) return usedNow(one);
  }
  return null;
}

async function recoveryCode(ctx: Context, { subject }: StageState, typed: string): Promise<Used> {
  const { accounts, marks, vault } = ctx.ports;
  const userId = subject.userId ?? '';
  const name = recoveryCodeName(vault, userId, typed);
  const one = name === null ? null : await accounts.authenticatorBy('recovery_code', name);
  if (one === null || one.userId !== userId) return null;
  const isTaken = await marks.take(`recovery-code:${one.id}`, ctx.now + BURNT);
  return isTaken ? [{ kind: 'remove-authenticator', userId, id: one.id }] : null;
}

async function emailCode(ctx: Context, state: StageState, typed: string): Promise<Used> {
  const { code } = state.kept;
  const one = state.owned.find((o) => o.kind === 'email_code' && o.data['email'] === code?.to);
  if (one === undefined) return null;
  const isRight = await takeMailedCode(ctx.ports, code, {
    planId: ctx.planId,
    typed: typedCode(typed),
    now: ctx.now,
  });
  return isRight ? usedNow(one) : null;
}

async function passkey(ctx: Context, state: StageState, answer: string): Promise<Checked> {
  const verified = ctx.config.user_verification === 'required' || !state.isOwner;
  const { proof, used } = await provePasskey(ctx, answer, { meant: state.subject, verified });
  return { proof, effects: used === null ? [] : [{ kind: 'use-authenticator', ...used }] };
}

function usedNow(one: Authenticator): Used {
  return [{ kind: 'use-authenticator', id: one.id }];
}
