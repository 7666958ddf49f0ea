/**
 * How sessions and plans look inside a store: sealed, and bound to what stands in the clear
 * beside them, so that a changed index opens nothing. Pure; the vault is handed in.
 */
import type { Plan } from './plan.ts';
import type { Vault } from '../values/system.ts';
import { Problem } from '../values/problem.ts';
import type { Bound, Session, SessionSummary, Ticket } from '../people/session.ts';

/** What of a session stands in the clear, all of it but `seenAt` bound to the sealed rest. */
export interface SessionIndex extends SessionSummary {
  /** As in Session. */
  readonly idle: number;
}

/** Longest user agent that is kept, in UTF-16 units; the rest is cut off. */
const MAX_AGENT = 256;
const MAX_IP = 64;
const MAX_USER_ID = 512;
const MAX_PROOFS = 32;
/** Largest sealed plan as text, in UTF-16 units. */
const MAX_PLAN = 32_768;

/**
 * Of the sealed part. A gateway that does not know of bound sessions must not take one for a free
 * one, so these have a version of their own.
 */
const FREE = 1;
const BOUND = 2;

/** What is sealed beside the proofs, where there is any of it. */
interface Rest {
  readonly bound?: Bound;
  readonly device?: string;
  readonly remembered?: true;
  readonly issuedAt?: number;
}

const PUBLIC_ID = /^[\w-]{16,64}$/;

/** Whether this may be a public session id or a plan id; anything else is never looked up. */
export function isStoredId(id: string): boolean {
  return PUBLIC_ID.test(id);
}

/** The clear part of a session, cut to its bounds. Problem `session/shape` for what no store takes. */
export function sessionIndex(vault: Vault, ticket: Ticket, session: Session): SessionIndex {
  if (session.id !== vault.name('session', ticket.id)) {
    throw new Problem('session/shape', 'The session does not belong to its ticket.');
  }
  if (session.userId.length > MAX_USER_ID || session.proofs.length > MAX_PROOFS) {
    throw new Problem('session/shape', 'The session is larger than a store takes.');
  }
  return {
    id: session.id,
    userId: session.userId,
    createdAt: session.createdAt,
    seenAt: session.seenAt,
    expiresAt: session.expiresAt,
    idle: session.idle,
    client: {
      ip: session.client.ip.slice(0, MAX_IP),
      agent: session.client.agent.slice(0, MAX_AGENT),
    },
  };
}

/** Seals what is not in the index. Its texts are ours, and short. */
export function sealSession(
  vault: Vault,
  ticket: Ticket,
  index: SessionIndex,
  session: Pick<Session, 'proofs' | keyof Rest>,
): Uint8Array {
  const { proofs, bound, device, remembered, issuedAt } = session;
  const version = bound === undefined ? FREE : BOUND;
  const rest = { bound, device, remembered, issuedAt };
  const text = JSON.stringify([version, proofs.map((p) => [p.method, p.at]), rest]);
  return vault.seal('session', sessionSecret(ticket, index), text);
}

/** The session, or null when secret, index or bytes are not those of the sealing. */
export function openSession(
  vault: Vault,
  ticket: Ticket,
  index: SessionIndex,
  sealed: Uint8Array,
): Session | null {
  if (index.id !== vault.name('session', ticket.id)) return null;
  const text = vault.open('session', sessionSecret(ticket, index), sealed);
  if (text === null) return null;
  const [version, proofs, rest = {}] = JSON.parse(text) as [number, [string, number][], Rest?];
  if (version !== FREE && version !== BOUND) return null;
  return { v: 1, ...index, ...rest, proofs: proofs.map(([method, at]) => ({ method, at })) };
}

/** The entry for lists, without what only the store needs. */
export function summaryOf(index: SessionIndex): SessionSummary {
  const { id, userId, createdAt, seenAt, expiresAt, client } = index;
  return { id, userId, createdAt, seenAt, expiresAt, client };
}

/**
 * Seals a plan that takes the place of revision `expected`. Problems: `plan/shape` (400) when it has
 * grown beyond what a store takes, `plan/revision` when its own revision has not moved on.
 */
export function sealPlan(vault: Vault, plan: Plan, expected: number): Uint8Array {
  if (plan.revision <= expected) {
    throw new Problem('plan/revision', 'A plan is stored with its revision counted up.');
  }
  const text = JSON.stringify(plan);
  if (text.length > MAX_PLAN || !isStoredId(plan.id)) {
    throw new Problem('plan/shape', 'This run is larger than a store takes.', { status: 400 });
  }
  return vault.seal('plan', '', text);
}

/** The plan, or null when it was not sealed so, or stands under another id. */
export function openPlan(vault: Vault, id: string, sealed: Uint8Array): Plan | null {
  const text = vault.open('plan', '', sealed);
  if (text === null) return null;
  const plan = JSON.parse(text) as Plan;
  return plan.v === 1 && plan.id === id ? plan : null;
}

/** Half of the key comes from the ticket; the index goes into it too, so that it cannot be altered. */
function sessionSecret(ticket: Ticket, index: SessionIndex): string {
  const { userId, createdAt, expiresAt, idle, client } = index;
  // Lengths stand before what is free text, so that no two indexes read alike.
  const texts = [userId, client.ip, client.agent].map((text) => `${text.length}:${text}`).join('');
  return `${ticket.secret} ${createdAt} ${expiresAt} ${idle} ${texts}`;
}
