/**
 * The one place where flows write sessions: once, after the plan has moved. Starting always
 * makes a new ticket, and the ticket that came along is dead afterwards (session fixation).
 */
import { addProof, type Proof, type Session, type Ticket } from '../core/session.ts';
import { Problem } from '../core/problem.ts';
import type { Effect } from '../core/stage.ts';
import { clearedTicket, knownCookie, readKnownCookie, ticketCookie } from './cookies.ts';
import type { FlowDeps } from './deps.ts';
import { marksOf, remember } from './known-browser.ts';
import type { Order } from './lawful.ts';
import type { Run } from './run.ts';

export type EffectDeps = Pick<
  FlowDeps,
  'stores' | 'vault' | 'tickets' | 'random' | 'events' | 'directories'
>;

/** Longest user agent kept with a session, in characters. */
const MAX_AGENT = 256;

/** Orders made ready before the plan is written: nothing has happened yet. */
export interface Prepared {
  readonly orders: readonly Order[];
  /** For the session to be started, if any, with its cookie's value. */
  readonly next: { readonly ticket: Ticket; readonly sealed: string } | null;
}

/** Makes the new ticket, if one will be needed. Writes nothing. */
export async function prepare(deps: EffectDeps, orders: readonly Order[]): Promise<Prepared> {
  if (!orders.some(({ effect }) => effect.kind === 'start-session')) return { orders, next: null };
  const ticket = { id: deps.random.token(16), secret: deps.random.token(32) };
  return { orders, next: { ticket, sealed: await deps.tickets.seal(ticket) } };
}

/** Carries the orders out, in order. The Set-Cookie lines that come of them. */
export async function carryOut(
  deps: EffectDeps,
  prepared: Prepared,
  run: Run,
): Promise<readonly string[]> {
  let cookies: readonly string[] = [];
  for (const order of prepared.orders) {
    const { effect } = order;
    if (effect.kind === 'start-session') {
      if (prepared.next === null) throw new Problem('internal', 'No ticket was made.');
      await start(deps, prepared.next.ticket, order, effect, run);
      cookies = [ticketCookie(run.snapshot, prepared.next.sealed), known(deps, order, run)];
    } else {
      await end(deps, effect, run);
      cookies = [clearedTicket(run.snapshot)];
    }
  }
  return cookies;
}

/** The browser is known for this user from now on. */
function known(deps: EffectDeps, { subject }: Order, run: Run): string {
  const marks = marksOf(readKnownCookie(run.snapshot, run.facts.header('cookie')));
  return knownCookie(run.snapshot, remember(deps, marks, subject?.userId ?? ''));
}

async function start(
  deps: EffectDeps,
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

function sessionOf(
  deps: EffectDeps,
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

/** Ends what the ticket names even when it is no longer live, so that nothing is left behind it. */
async function end(
  deps: EffectDeps,
  effect: Exclude<Effect, { kind: 'start-session' }>,
  run: Run,
): Promise<void> {
  const { sessions } = deps.stores;
  const userId = run.visitor?.user.id ?? '';
  const id = run.ticket === null ? null : deps.vault.name('session', run.ticket.id);
  if (id !== null && (await sessions.end(id))) tell(deps, 'ended', id, userId, run);
  if (effect.kind === 'end-all-sessions' && userId !== '') await sessions.endAll(userId);
}

function tell(
  deps: EffectDeps,
  change: 'started' | 'rotated' | 'ended',
  sessionId: string,
  userId: string,
  run: Run,
): void {
  deps.events.emit({ type: 'session', change, sessionId, userId, clientIp: run.facts.clientIp });
}
