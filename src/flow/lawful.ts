/**
 * Holds stages to their claims at run time, as the linker did at load: who is meant, what is
 * proved and a new session are believed only from where they may come. A breach is a fault
 * of ours and ends in an error, never in a session.
 */
import type { Flow, StageBinding } from '../core/flow.ts';
import type { Plan, Subject } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import type { Proof } from '../core/session.ts';
import type { Effect, Step } from '../core/stage.ts';
import type { User } from '../core/user.ts';

/** What `ctx.prove` found right in this very submit. */
export interface Proven {
  readonly method: string;
  readonly userId: string;
}

/** An effect with the person and proofs that stood when it was asked for. */
export interface Order {
  readonly effect: Effect;
  readonly subject: Subject | null;
  readonly proofs: readonly Proof[];
}

/** Rejects a step that its stage may not take. `proven` is empty for `open`. */
export function checkStep(
  binding: StageBinding,
  plan: Plan,
  step: Step,
  proven: readonly Proven[],
): void {
  if (step.kind !== 'pass') return;
  const claims = binding.stage.claims(binding.config);
  const gives = claims.gives as readonly string[];
  const subject = step.identified ?? plan.subject;
  const fault = (what: string): never => {
    throw new Problem('stage/unlawful', `Stage ${binding.id} ${what}.`);
  };
  if (step.identified !== undefined && !gives.includes('identified')) fault('may not identify');
  if (gives.includes('identified') && subject === null) fault('passed without a user');
  if (step.proved !== undefined && !gives.includes('verified') && claims.mayProve !== true) {
    fault('may not verify');
  }
  // Whoever was verified before, in this run and as the same person, still is.
  const isVerified = step.identified === undefined && plan.proofs.length > 0;
  if (gives.includes('verified') && step.proved === undefined && !isVerified) {
    fault('passed without a proof');
  }
  if (step.proved !== undefined) {
    const isProven = proven.some((p) => p.method === step.proved && p.userId === subject?.userId);
    if (!isProven) fault('claims a proof that was not made');
  }
  const starts = step.effects?.some((effect) => effect.kind === 'start-session') === true;
  if (starts && !gives.includes('session')) fault('may not start a session');
  for (const effect of step.effects ?? []) {
    const ownerId = ownerOf(effect);
    if (ownerId !== null && ownerId !== subject?.userId) fault('writes to somebody else’s account');
  }
}

/** Whose authenticators an effect changes, or null for one that changes none. */
function ownerOf(effect: Effect): string | null {
  switch (effect.kind) {
    case 'add-authenticator':
      return effect.authenticator.userId;
    case 'replace-authenticators':
    case 'remove-authenticator':
      return effect.userId;
    default:
      return null;
  }
}

/**
 * Why these orders may not be carried out, or null. The last word before a session starts:
 * the user exists, is enabled, proved who they are in this run, and is the one who may run it.
 */
export function refusalOf(
  orders: readonly Order[],
  flow: Flow,
  user: User | null,
  sessionUserId: string | null,
): 'session/unproved' | 'user/unknown' | 'user/disabled' | 'session/other-user' | null {
  for (const { effect, subject, proofs } of orders) {
    // What somebody signs in by is changed by themselves alone: proved here, or signed in.
    const isSignedIn = sessionUserId !== null && sessionUserId === subject?.userId;
    const isThemselves = proofs.length > 0 || isSignedIn;
    if (ownerOf(effect) !== null && !isThemselves) return 'session/unproved';
    if (effect.kind !== 'start-session') continue;
    if (proofs.length === 0) return 'session/unproved';
    if (subject?.userId == null || user === null || user.id !== subject.userId) {
      return 'user/unknown';
    }
    if (user.disabled) return 'user/disabled';
    const isBound = flow.requires === 'session' || flow.requires === 'fresh';
    if (isBound && sessionUserId !== user.id) return 'session/other-user';
  }
  return null;
}
