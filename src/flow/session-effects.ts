/**
 * Sessions as flows begin, renew and end them. Beginning always makes a new ticket, and the
 * ticket that came along is dead afterwards (session fixation).
 */
import { Problem } from '../core/problem.ts';
import { addProof, type Proof, type Session, type Ticket } from '../core/session.ts';
import type { Effect } from '../core/stage.ts';
import type { FlowDeps } from './deps.ts';
import type { Order } from './orders.ts';
import type { Run } from './run.ts';

type SessionDeps = Pick<FlowDeps, 'stores' | 'vault' | 'events'>;

/** Longest user agent kept with a session, in characters. */
const MAX_AGENT = 256;

/** Starts a session on what this run proved; that of the same user here lends its proofs and ends. */
export async function startSession(
  deps: SessionDeps,
  ticket: Ticket,
  order: Order,
  effect: Extract<Effect, { kind: 'start-session' }>,
  run: Run,
): Promise<void> {
  const { sessions } = deps.stores;
  // Refused before the plan was written; said again here because nothing may come after a slip.
  if (order.subject?.userId == null || order.proofs.length === 0) {
    throw new Problem('internal', 'A session without a proof was asked for.');
  }
  const { userId } = order.subject;
  const fresh = sessionOf(deps, ticket, userId, order.proofs, effect.lasts, run);
  const visitor = run.visitor?.user.id === userId ? run.visitor : null;
  const merged: Session =
    visitor === null
      ? fresh
      : { ...fresh, proofs: order.proofs.reduce(addProof, visitor.session.proofs) };
  // Only a session that was still there may lend its proofs: one revoked meanwhile has none.
  const isRotated = run.ticket !== null && (await sessions.rotate(run.ticket, ticket, merged));
  if (!isRotated) await sessions.start(ticket, fresh);
  tell(deps, isRotated ? 'rotated' : 'started', fresh.id, userId, run);
  if (effect.endOthers) await sessions.endAll(userId, fresh.id);
}

/** Puts the session at hand under a new ticket and ends the user's others; false when it was gone. */
export async function renewSession(deps: SessionDeps, ticket: Ticket, run: Run): Promise<boolean> {
  const { sessions } = deps.stores;
  const { visitor } = run;
  if (visitor === null || run.ticket === null) return false;
  const renewed = { ...visitor.session, id: deps.vault.name('session', ticket.id) };
  const isRotated = await sessions.rotate(run.ticket, ticket, renewed);
  if (isRotated) tell(deps, 'rotated', renewed.id, visitor.user.id, run);
  await sessions.endAll(visitor.user.id, isRotated ? renewed.id : undefined);
  return isRotated;
}

/** Ends what the ticket names even when it is no longer live, so that nothing is left behind it. */
export async function endSession(deps: SessionDeps, isAll: boolean, run: Run): Promise<void> {
  const { sessions } = deps.stores;
  const userId = run.visitor?.user.id ?? '';
  const id = run.ticket === null ? null : deps.vault.name('session', run.ticket.id);
  if (id !== null && (await sessions.end(id))) tell(deps, 'ended', id, userId, run);
  if (isAll && userId !== '') await sessions.endAll(userId);
}

/** Takes a session back whose run failed after it. Never rejects: the fault that led here is told. */
export async function dropSession(deps: SessionDeps, id: string): Promise<void> {
  // Named fallback: its ticket was given to nobody, so that nobody can use what is left of it.
  await deps.stores.sessions.end(id).catch(() => false);
}

function sessionOf(
  deps: SessionDeps,
  ticket: Ticket,
  userId: string,
  proofs: readonly Proof[],
  lasts: number | null,
  run: Run,
): Session {
  return {
    v: 1,
    id: deps.vault.name('session', ticket.id),
    userId,
    proofs,
    createdAt: run.now,
    seenAt: run.now,
    expiresAt: run.now + (lasts ?? run.snapshot.session.lifetime),
    idle: run.snapshot.session.idle,
    client: {
      ip: run.facts.clientIp,
      agent: (run.facts.header('user-agent') ?? '').slice(0, MAX_AGENT),
    },
  };
}

function tell(
  deps: SessionDeps,
  change: 'started' | 'rotated' | 'ended',
  sessionId: string,
  userId: string,
  run: Run,
): void {
  deps.events.emit({ type: 'session', change, sessionId, userId, clientIp: run.facts.clientIp });
}
