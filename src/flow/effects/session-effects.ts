/**
 * Sessions as flows begin, renew and end them. Beginning always makes a new ticket, and the
 * ticket that came along is dead afterwards (session fixation).
 */
import { boundTo } from '../../core/people/place.ts';
import { Problem } from '../../core/values/problem.ts';
import { addProof, type Bound, type Session, type Ticket } from '../../core/people/session.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Order } from './orders.ts';
import type { Run } from '../run/run.ts';

type SessionDeps = Pick<FlowDeps, 'stores' | 'vault' | 'events' | 'places'>;
type StartDeps = SessionDeps & Pick<FlowDeps, 'accounts'>;
type Start = Extract<Effect, { kind: 'start-session' }>;

/** Longest user agent kept with a session, in characters. */
const MAX_AGENT = 256;

/**
 * Starts a session on what this run proved; that of the same user here lends its proofs and ends.
 * `device`: one-way name of this browser's device cookie.
 */
export async function startSession(
  deps: StartDeps,
  ticket: Ticket,
  device: string | null,
  order: Order,
  effect: Start,
  run: Run,
): Promise<void> {
  const { sessions } = deps.stores;
  // Refused before the plan was written; said again here because nothing may come after a slip.
  if (order.subject?.userId == null || order.proofs.length === 0) {
    throw new Problem('internal', 'A session without a proof was asked for.');
  }
  const { userId } = order.subject;
  const made = (before: Session | null): Session =>
    sessionOf(deps, { ticket, device, userId, before }, order, effect, run);
  const fresh = made(null);
  const merged = made(sessionBefore(order, run));
  // What is used from elsewhere goes on, unless whoever it belongs to has just signed in here.
  const isTheirs = run.elsewhere === null || run.elsewhere === userId;
  // Only a session that was still there may lend anything: one revoked meanwhile has nothing.
  const isRotated =
    run.ticket !== null && isTheirs && (await sessions.rotate(run.ticket, ticket, merged));
  if (!isRotated) await sessions.start(ticket, fresh);
  await deps.accounts.recordSignIn({ userId, at: run.now, ip: run.facts.clientIp, device });
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

/** How long the cookie of the session that is begun or renewed is kept, in seconds; null: until the browser is closed. */
export function ticketAge(start: Order | null, run: Run): number | null {
  const span =
    start?.effect.kind === 'start-session'
      ? spanOf(start.effect, sessionBefore(start, run), run)
      : run.visitor?.session;
  if (span?.remembered !== true) return null;
  return Math.max(0, Math.floor((span.expiresAt - run.now) / 1000));
}

/** The session that goes over into the one that begins: of the same user, in this browser. */
function sessionBefore({ subject }: Order, { visitor }: Run): Session | null {
  return visitor !== null && visitor.user.id === subject?.userId ? visitor.session : null;
}

interface Beginning {
  readonly ticket: Ticket;
  readonly device: string | null;
  readonly userId: string;
  readonly before: Session | null;
}

function sessionOf(
  deps: SessionDeps,
  { ticket, device, userId, before }: Beginning,
  { proofs }: Order,
  effect: Start,
  run: Run,
): Session {
  const { clientIp } = run.facts;
  // Bound once, bound for good: a step up does not set free.
  const bound: Bound = { ...before?.bound, ...boundTo(effect.bind ?? [], clientIp, deps.places) };
  const isBound = bound.network !== undefined || bound.country !== undefined;
  return {
    v: 1,
    id: deps.vault.name('session', ticket.id),
    userId,
    proofs: before === null ? proofs : proofs.reduce(addProof, before.proofs),
    createdAt: stepUpFrom(before, run)?.createdAt ?? run.now,
    seenAt: run.now,
    ...spanOf(effect, before, run),
    client: {
      ip: clientIp,
      agent: (run.facts.header('user-agent') ?? '').slice(0, MAX_AGENT),
    },
    ...(isBound ? { bound } : {}),
    ...(device === null ? {} : { device }),
  };
}

/**
 * The session at hand, when this run adds to it and is no sign-in of its own: how long ago somebody
 * signed in, and when that ends, does not change by a further proof (`max_age`, `session.lifetime`).
 */
function stepUpFrom(before: Session | null, { flow: { requires } }: Run): Session | null {
  return requires === 'session' || requires === 'fresh' ? before : null;
}

/** Deadlines. Who chose to stay signed in does not have to choose again at a step up. */
function spanOf(
  { lasts, remember }: Start,
  before: Session | null,
  run: Run,
): Pick<Session, 'expiresAt' | 'idle' | 'remembered'> {
  const { idle, lifetime } = run.snapshot.session;
  if (remember != null) {
    return { expiresAt: run.now + remember, idle: remember, remembered: true };
  }
  const begun = lasts === null ? stepUpFrom(before, run) : null;
  const expiresAt = Math.min(
    begun?.expiresAt ?? Number.POSITIVE_INFINITY,
    run.now + (lasts ?? lifetime),
  );
  if (remember === null || lasts !== null || before?.remembered !== true)
    return { expiresAt, idle };
  return {
    expiresAt: Math.max(before.expiresAt, expiresAt),
    idle: Math.max(before.idle, idle),
    remembered: true,
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
