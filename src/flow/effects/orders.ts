/**
 * Effects as ordered by stages, checked against the user who runs the flow. This is the last check
 * before anything is written: the user exists, is enabled, runs the flow themself, and has proved it.
 */
import { isFreshlyProved } from '../../core/flow/owner.ts';
import { type Authenticator, AUTHENTICATOR_KINDS } from '../../core/people/account.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Subject } from '../../core/people/subject.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Proof, Session } from '../../core/people/session.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { User } from '../../core/people/user.ts';
import type { Run } from '../run/run.ts';

/** An effect with the subject and proofs at the time it was ordered. */
export interface Order {
  readonly effect: Effect;
  readonly subject: Subject | null;
  readonly proofs: readonly Proof[];
  /** What was proved of this subject before the stage that ordered the effect passed. */
  readonly before: readonly Proof[];
}

/** Why orders are not carried out. */
export type OrderRejection =
  | 'session/unproved'
  | 'session/stale'
  | 'session/factor'
  | 'session/outdated'
  | 'session/other-user'
  | 'user/unknown'
  | 'user/disabled';

/** Methods that use a second factor. */
const FACTORS: readonly string[] = AUTHENTICATOR_KINDS;

/** The orders of a step that led from one plan to the other, in the step's order. */
export function ordersOf(effects: readonly Effect[], from: Plan, to: Plan): readonly Order[] {
  const { subject, proofs } = to;
  const before = from.subject?.userId === subject?.userId ? from.proofs : [];
  return effects.map((effect) => ({ effect, subject, proofs, before }));
}

/** Whether it only records that a secret was used, which is true however the run ends. */
export function isUse({ effect }: Order): boolean {
  return effect.kind === 'use-authenticator' || effect.kind === 'remove-authenticator';
}

/** Whether it ends sessions and does nothing else. */
export function isEnding({ effect }: Order): boolean {
  return effect.kind === 'end-session' || effect.kind === 'end-all-sessions';
}

/**
 * Why these orders may not be carried out, or null. `user` is their subject as the directory knows
 * it, `owned` that user's authenticators.
 */
export function rejectionOf(
  orders: readonly Order[],
  run: Run,
  user: User | null,
  owned: readonly Authenticator[],
): OrderRejection | null {
  for (const order of orders) {
    const rejection = isAboutUser(order.effect) ? rejectionFor(order, run, user, owned) : null;
    if (rejection !== null) return rejection;
  }
  return null;
}

function rejectionFor(
  order: Order,
  run: Run,
  user: User | null,
  owned: readonly Authenticator[],
): OrderRejection | null {
  const isStart = order.effect.kind === 'start-session';
  // A session rests on what was proved in this very run and on nothing else.
  if (isStart && order.proofs.length === 0) return 'session/unproved';
  if (user === null || user.id !== order.subject?.userId) return 'user/unknown';
  if (user.disabled) return 'user/disabled';
  // The session of another user proves nothing about this one.
  const session = run.visitor?.user.id === user.id ? run.visitor.session : null;
  if (isStart) return needsSession(run.flow) && session === null ? 'session/other-user' : null;
  checkOwner(order.effect, user);
  if (isEntry(order)) return entryRejection(order, session, owned, run.now);
  return isSetUp(order)
    ? setUpRejection(order, session, owned)
    : changeRejection(order, session, run.now);
}

/**
 * Why an account at a source may not be linked, or a token not be created, or null. Either opens what the
 * user may open from then on, so the owner must have been proved recently, and by a second factor where
 * there is one.
 */
function entryRejection(
  { proofs }: Order,
  session: Session | null,
  owned: readonly Authenticator[],
  now: number,
): OrderRejection | null {
  const all = [...proofs, ...(session?.proofs ?? [])];
  if (all.length === 0) return 'session/unproved';
  if (!isFreshlyProved({ proofs: all }, now)) return 'session/stale';
  return lacksFactor(all, owned) ? 'session/factor' : null;
}

/** A password alone must not add to the ways into an account that a factor protects (ASVS 7.5.1). */
function lacksFactor(proofs: readonly Proof[], owned: readonly Authenticator[]): boolean {
  return owned.some(isFactor) && !proofs.some(({ method }) => FACTORS.includes(method));
}

function needsSession({ requires }: Run['flow']): boolean {
  return requires === 'session' || requires === 'fresh';
}

/** Throws if the effect names another user than the one who runs the flow. */
function checkOwner(effect: Effect, user: User): void {
  const owner = ownerOf(effect);
  if (owner === null || owner === user.id) return;
  throw new Problem(
    'stage/unlawful',
    `A stage ordered a change to ${owner} in a run about ${user.id}.`,
  );
}

/**
 * Why an authenticator may not be added, or null. Setting it up only proves that it works, so what was
 * proved before counts.
 */
function setUpRejection(
  { before }: Order,
  session: Session | null,
  owned: readonly Authenticator[],
): OrderRejection | null {
  if (before.length === 0 && session === null) return 'session/unproved';
  return lacksFactor([...before, ...(session?.proofs ?? [])], owned) ? 'session/factor' : null;
}

/** Why any other change may not be made, or null: it needs a proof in this run, or a session. */
function changeRejection(
  { effect, proofs }: Order,
  session: Session | null,
  now: number,
): OrderRejection | null {
  if (proofs.length > 0) return null;
  if (session === null) return 'session/unproved';
  return isGrave(effect) && !isFreshlyProved(session, now) ? 'session/stale' : null;
}

/**
 * Whether only the user themself may order it. Creating a user, signing out and sending emails are
 * not about the subject.
 */
export function isAboutUser(effect: Effect): boolean {
  switch (effect.kind) {
    case 'end-session':
    case 'end-all-sessions':
    case 'send-mail':
    case 'spend-invitation':
    case 'use-source':
      return false;
    case 'write-user':
      return effect.mode === 'update';
    default:
      return true;
  }
}

/** Whether it needs a proof from the last minutes, so that an unattended device is not enough. */
function isGrave(effect: Effect): boolean {
  if (effect.kind === 'delete-user') return true;
  if (effect.kind !== 'write-user') return false;
  // Emails that open the account go to its address.
  return effect.passwordHash !== undefined || effect.changes.email !== undefined;
}

/** Whether it adds an authenticator to an account. */
function isSetUp({ effect }: Pick<Order, 'effect'>): boolean {
  return effect.kind === 'add-authenticator' || effect.kind === 'replace-authenticators';
}

/** Whether it adds a way in that is no authenticator. */
function isEntry({ effect }: Pick<Order, 'effect'>): boolean {
  return effect.kind === 'link-source' || effect.kind === 'create-token';
}

/** Whether it depends on the user's authenticators. */
export function addsAccess(order: Pick<Order, 'effect'>): boolean {
  return isSetUp(order) || isEntry(order);
}

/** Whether it must be used before another authenticator can be added. */
function isFactor({ kind }: Authenticator): boolean {
  return kind === 'totp' || kind === 'webauthn';
}

/** The id of the user that the effect itself names, or null. */
function ownerOf(effect: Effect): string | null {
  switch (effect.kind) {
    case 'add-authenticator':
      return effect.authenticator.userId;
    case 'replace-authenticators':
    case 'remove-authenticator':
    case 'link-source':
    case 'revoke-token':
      return effect.userId;
    case 'create-token':
      return effect.token.userId;
    case 'save-consent':
      return effect.consent.userId;
    default:
      return null;
  }
}
