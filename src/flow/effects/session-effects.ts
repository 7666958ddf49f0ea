/**
 * How flows start, renew and end sessions. Starting always makes a new ticket, and the ticket that
 * the request carried is dead afterwards (session fixation).
 */
import type { EventSink } from '../../core/access/event.ts';
import type { Effect } from '../../core/flow/effect.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import { boundTo, type Places } from '../../core/people/place.ts';
import { addProof, type Bound, type Session, type Ticket } from '../../core/people/session.ts';
import type { User } from '../../core/people/user.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { SourceSession } from '../../core/sources/source-session.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Vault } from '../../core/values/system.ts';
import { clearedTickets } from '../browser/cookies.ts';
import type { Run } from '../run/run.ts';
import type { Order } from './orders.ts';

/** What starting and ending sessions needs. */
export interface SessionPorts {
  readonly stores: Pick<Stores, 'sessions' | 'sourceSessions'>;
  readonly vault: Pick<Vault, 'name'>;
  readonly events: EventSink;
  readonly accounts: Pick<Accounts, 'recordSignIn'>;
  readonly directories: Pick<Directory, 'read'>;
  /** Without it, sessions to be bound to a country are bound to their network. */
  readonly places?: Places | undefined;
}

type Start = Extract<Effect, { kind: 'start-session' }>;

/** A session to start. */
export interface SessionStart {
  readonly ticket: Ticket;
  /** One-way name of this browser's device cookie, or null. */
  readonly device: string | null;
  readonly order: Order;
  readonly effect: Start;
  /** What the session keeps of the source that proved its user in this run; null without one. */
  readonly kept: SourceSession | null;
}

/** Longest user agent stored with a session, in characters. */
const MAX_AGENT = 256;

/** Starts a session on what this run proved. A session of the same user here lends its proofs and ends. */
export async function startSession(
  ports: SessionPorts,
  start: SessionStart,
  run: Run,
): Promise<void> {
  const { sessions } = ports.stores;
  const { ticket, device, order, effect } = start;
  // Rejected before the plan was written; checked again because nothing may follow a mistake here.
  if (order.subject?.userId == null || order.proofs.length === 0) {
    throw new Problem('internal', 'A session was ordered without a proof.');
  }
  const { userId } = order.subject;
  const begun = { ...start, userId, passwordSetAt: await passwordTime(ports, userId) };
  const fresh = sessionOf(ports, begun, null, run);
  const merged = sessionOf(ports, begun, sessionBefore(order, run), run);
  // A session bound to another place continues, unless its own user has just signed in here.
  const isTheirs = run.elsewhere === null || run.elsewhere === userId;
  // Only a session that still exists may lend its proofs: one revoked meanwhile has none.
  const inherited = await keep(ports, { ticket, kept: start.kept }, merged, run);
  const isRotated =
    run.ticket !== null && isTheirs && (await sessions.rotate(run.ticket, ticket, merged));
  if (!isRotated && inherited) await ports.stores.sourceSessions.forget(ticket);
  if (!isRotated) await sessions.start(ticket, fresh);
  await ports.accounts.recordSignIn({ userId, at: run.now, ip: run.facts.clientIp, device });
  emit(ports, isRotated ? 'rotated' : 'started', { id: fresh.id, userId }, run);
  if (effect.endOthers) await sessions.endAll(userId, fresh.id);
}

/** Moves the current session to a new ticket and ends the user's others. Returns false if it was gone. */
export async function renewSession(
  ports: SessionPorts,
  ticket: Ticket,
  run: Run,
): Promise<boolean> {
  const { sessions } = ports.stores;
  const { visitor } = run;
  if (visitor === null || run.ticket === null) return false;
  const renewed = {
    ...visitor.session,
    id: ports.vault.name('session', ticket.id),
    passwordSetAt: await passwordTime(ports, visitor.user.id),
  };
  const inherited = await keep(ports, { ticket, kept: null }, renewed, run);
  const isRotated = await sessions.rotate(run.ticket, ticket, renewed);
  if (!isRotated && inherited) await ports.stores.sourceSessions.forget(ticket);
  if (isRotated) emit(ports, 'rotated', renewed, run);
  await sessions.endAll(visitor.user.id, isRotated ? renewed.id : undefined);
  return isRotated;
}

/**
 * Keeps what the session needs of its source, before the session exists: from this run, or from the session
 * that it continues. Returns whether all of it is inherited. Problem `source/withdrawn` if the provider
 * ended its session meanwhile.
 */
async function keep(
  { stores: { sourceSessions } }: SessionPorts,
  { ticket, kept }: Pick<SessionStart, 'ticket' | 'kept'>,
  { source, expiresAt }: Pick<Session, 'source' | 'expiresAt'>,
  { ticket: old, visitor }: Run,
): Promise<boolean> {
  if (source === undefined) return false;
  const isContinued = old !== null && visitor?.session.source === source;
  const before = isContinued ? await sourceSessions.read(old) : null;
  const isSame = kept?.issuer === before?.issuer && kept?.subject === before?.subject;
  // Some providers issue a refresh token at the first sign-in only.
  const refreshToken = kept?.refreshToken ?? (isSame ? before?.refreshToken : null) ?? null;
  const next = kept === null ? before : { ...kept, refreshToken };
  if (next !== null && !(await sourceSessions.keep(ticket, next, expiresAt))) {
    throw new Problem('source/withdrawn', 'The provider has ended this sign-in.', { status: 403 });
  }
  return kept === null && next !== null;
}

/**
 * Ends the session of the ticket, even if it is no longer live, so that nothing of it remains. Returns the
 * Set-Cookie lines that remove the ticket.
 */
export async function endSession(
  ports: SessionPorts,
  which: 'this' | 'all',
  run: Run,
): Promise<readonly string[]> {
  const { sessions } = ports.stores;
  const userId = run.visitor?.user.id ?? '';
  const id = run.ticket === null ? null : ports.vault.name('session', run.ticket.id);
  const session = run.visitor?.session;
  const known = session?.id === id ? session : undefined;
  if (id !== null && (await sessions.end(id, known))) emit(ports, 'ended', { id, userId }, run);
  if (which === 'all' && userId !== '') await sessions.endAll(userId);
  return clearedTickets(run.snapshot);
}

/** Takes back a session whose run failed after it. Never rejects: the first fault is reported. */
export async function dropSession(
  { stores }: Pick<SessionPorts, 'stores'>,
  id: string,
): Promise<void> {
  // Named fallback: its ticket was sent to no browser, so the session cannot be used.
  await stores.sessions.end(id).catch(() => false);
}

/**
 * How long the cookie of the started or renewed session lasts, in seconds; null: until the browser
 * is closed.
 */
export function ticketAge(start: Order | null, run: Run): number | null {
  const span =
    start?.effect.kind === 'start-session'
      ? spanOf(start.effect, sessionBefore(start, run), run)
      : run.visitor?.session;
  if (span?.remembered !== true) return null;
  return Math.max(0, Math.floor((span.expiresAt - run.now) / 1000));
}

/** The session that the new one continues: of the same user, in this browser. */
function sessionBefore({ subject }: Order, { visitor }: Run): Session | null {
  return visitor !== null && visitor.user.id === subject?.userId ? visitor.session : null;
}

/** A session to start, of this user. */
interface Begun extends SessionStart, Pick<User, 'passwordSetAt'> {
  readonly userId: string;
}

/** Read last: a password that the run itself has set counts. */
async function passwordTime(
  { directories }: Pick<SessionPorts, 'directories'>,
  userId: string,
): Promise<number | null> {
  return (await directories.read(userId))?.passwordSetAt ?? null;
}

function sessionOf(
  { vault, places }: SessionPorts,
  { ticket, device, userId, passwordSetAt, order: { proofs }, effect, kept }: Begun,
  before: Session | null,
  run: Run,
): Session {
  const { clientIp } = run.facts;
  // A binding stays for good: a step-up does not remove it.
  const bound: Bound = { ...before?.bound, ...boundTo(effect.bind ?? [], clientIp, places) };
  const isBound = bound.network !== undefined || bound.country !== undefined;
  const source = kept?.source ?? before?.source;
  return {
    v: 1,
    id: vault.name('session', ticket.id),
    userId,
    proofs: before === null ? proofs : proofs.reduce(addProof, before.proofs),
    createdAt: stepUpFrom(before, run)?.createdAt ?? run.now,
    seenAt: run.now,
    passwordSetAt,
    ...spanOf(effect, before, run),
    client: {
      ip: clientIp,
      agent: (run.facts.header('user-agent') ?? '').slice(0, MAX_AGENT),
    },
    ...(isBound ? { bound } : {}),
    ...(device === null ? {} : { device }),
    ...(source === undefined ? {} : { source }),
  };
}

/**
 * The current session, if this run adds to it and is not a sign-in of its own. The time of sign-in
 * and the end of the session do not change with a further proof (`max_age`, `session.lifetime`).
 */
function stepUpFrom(before: Session | null, { flow: { requires } }: Run): Session | null {
  return requires === 'session' || requires === 'fresh' ? before : null;
}

/** Deadlines. A user who chose to stay signed in need not choose again at a step-up. */
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

function emit(
  { events }: Pick<SessionPorts, 'events'>,
  change: 'started' | 'rotated' | 'ended',
  { id: sessionId, userId }: Pick<Session, 'id' | 'userId'>,
  run: Run,
): void {
  events.emit({ type: 'session', change, sessionId, userId, clientIp: run.facts.clientIp });
}
