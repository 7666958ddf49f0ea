/**
 * What a stage asked to be done, held against the person who would have it done. The last word
 * before anything is written: the user exists, is enabled, is at it themself, and proved it.
 */
import { type Authenticator, AUTHENTICATOR_KINDS } from '../../core/people/account.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Subject } from '../../core/people/subject.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Proof } from '../../core/people/session.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { User } from '../../core/people/user.ts';
import { isFreshlyProved } from '../../core/flow/owner.ts';
import type { Run } from '../run/run.ts';

/** An effect with the person and proofs that stood when it was asked for. */
export interface Order {
  readonly effect: Effect;
  readonly subject: Subject | null;
  readonly proofs: readonly Proof[];
  /** What was proved of this subject before the stage that asked for it passed. */
  readonly before: readonly Proof[];
}

/** Why orders are not carried out. */
export type OrderRefusal =
  | 'session/unproved'
  | 'session/stale'
  | 'session/factor'
  | 'session/outdated'
  | 'session/other-user'
  | 'user/unknown'
  | 'user/disabled';

/** Methods by which a factor is shown. */
const FACTORS: readonly string[] = AUTHENTICATOR_KINDS;

/** Orders of a step that led from one plan to the other, in its order. */
export function ordersOf(effects: readonly Effect[], from: Plan, to: Plan): readonly Order[] {
  const { subject, proofs } = to;
  const before = from.subject?.userId === subject?.userId ? from.proofs : [];
  return effects.map((effect) => ({ effect, subject, proofs, before }));
}

/** Whether it only tells that a secret was used: true whatever becomes of the run. */
export function isUse({ effect }: Order): boolean {
  return effect.kind === 'use-authenticator' || effect.kind === 'remove-authenticator';
}

/** Whether it ends sessions and does nothing else. */
export function isEnding({ effect }: Order): boolean {
  return effect.kind === 'end-session' || effect.kind === 'end-all-sessions';
}

/**
 * Why these orders may not be carried out, or null. `user` is their subject as the directory knows
 * it, `owned` what that user has set up.
 */
export function refusalOf(
  orders: readonly Order[],
  run: Run,
  user: User | null,
  owned: readonly Authenticator[],
): OrderRefusal | null {
  for (const order of orders) {
    const refusal = isAboutUser(order.effect) ? refusalFor(order, run, user, owned) : null;
    if (refusal !== null) return refusal;
  }
  return null;
}

function refusalFor(
  order: Order,
  run: Run,
  user: User | null,
  owned: readonly Authenticator[],
): OrderRefusal | null {
  const { effect, subject, proofs } = order;
  const isStart = effect.kind === 'start-session';
  // A session rests on what was proved in this very run and on nothing else.
  if (isStart && proofs.length === 0) return 'session/unproved';
  if (subject?.userId == null || user === null || user.id !== subject.userId) return 'user/unknown';
  if (user.disabled) return 'user/disabled';
  const visitor = run.visitor?.user.id === user.id ? run.visitor : null;
  const isBound = run.flow.requires === 'session' || run.flow.requires === 'fresh';
  if (isStart) return isBound && visitor === null ? 'session/other-user' : null;
  const of = ownerOf(effect);
  if (of !== null && of !== user.id) {
    throw new Problem('stage/unlawful', `An order about ${of} came from a run about ${user.id}.`);
  }
  // Whoever sets up a new authenticator has proved nothing by it but that it works.
  const proved = isSetUp(order) ? order.before : proofs;
  if (proved.length === 0 && visitor === null) return 'session/unproved';
  if (isSetUp(order) && owned.some(isFactor)) {
    // A password alone adds nothing to the factors that are there to protect it (ASVS 7.5.1).
    const all = [...proved, ...(visitor?.session.proofs ?? [])];
    if (!all.some(({ method }) => FACTORS.includes(method))) return 'session/factor';
  }
  if (proved.length > 0 || visitor === null) return null;
  const isFresh = isFreshlyProved(visitor.session, run.now);
  return isGrave(effect) && !isFresh ? 'session/stale' : null;
}

/** Whether only the user themself may have it done. Creating one, leaving and emails are not about the subject. */
export function isAboutUser(effect: Effect): boolean {
  switch (effect.kind) {
    case 'end-session':
    case 'end-all-sessions':
    case 'send-mail':
    case 'spend-invitation':
      return false;
    case 'write-user':
      return effect.mode === 'update';
    default:
      return true;
  }
}

/** What takes a proof of the last minutes: nobody else may do it at a desk left open. */
function isGrave(effect: Effect): boolean {
  if (effect.kind === 'delete-user') return true;
  if (effect.kind !== 'write-user') return false;
  // Emails that open the account go to its address.
  return effect.passwordHash !== undefined || effect.changes.email !== undefined;
}

/** Whether it gives somebody an authenticator. */
export function isSetUp({ effect }: Pick<Order, 'effect'>): boolean {
  return effect.kind === 'add-authenticator' || effect.kind === 'replace-authenticators';
}

/** Whether it is one that others are added to only after a factor was shown. */
function isFactor({ kind }: Authenticator): boolean {
  return kind === 'totp' || kind === 'webauthn';
}

/** Whose it is by its own words; null where it says nothing. */
function ownerOf(effect: Effect): string | null {
  switch (effect.kind) {
    case 'add-authenticator':
      return effect.authenticator.userId;
    case 'replace-authenticators':
    case 'remove-authenticator':
      return effect.userId;
    case 'save-consent':
      return effect.consent.userId;
    default:
      return null;
  }
}
