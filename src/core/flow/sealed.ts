/**
 * Sessions and plans as stores contain them: sealed, and bound to the clear index beside them, so that
 * a changed index opens nothing. Pure; the vault is a parameter.
 */

import type { Bound, Session, SessionSummary, Ticket } from '../people/session.ts';
import { Problem } from '../values/problem.ts';
import type { Vault } from '../values/system.ts';
import type { Plan } from './plan.ts';

/** The clear part of a session. All of it but `seenAt` is bound to the sealed part. */
export interface SessionIndex extends SessionSummary {
  /** As in Session. */
  readonly idle: number;
}

/** Longest stored user agent, in UTF-16 units; the rest is cut off. */
const MAX_AGENT = 256;
const MAX_IP = 64;
const MAX_USER_ID = 512;
const MAX_PROOFS = 32;
/** Largest sealed plan as text, in UTF-16 units. */
const MAX_PLAN = 32_768;

/**
 * Versions of the sealed part. Bound sessions have their own, so that a gateway that does not know
 * them cannot mistake one for an unbound session.
 */
const FREE = 1;
const BOUND = 2;

/** What is sealed beside the proofs, if present. */
interface Rest {
  readonly bound?: Bound;
  readonly device?: string;
  readonly remembered?: true;
  readonly issuedAt?: number;
  readonly passwordSetAt?: number | null;
  readonly source?: string;
}

const PUBLIC_ID = /^[\w-]{16,64}$/;

/** Whether this can be a public session id or a plan id; anything else is never looked up. */
export function isStoredId(id: string): boolean {
  return PUBLIC_ID.test(id);
}

/** The clear part of a session, cut to its bounds. Throws Problem `session/shape` for a session no store accepts. */
export function sessionIndex(vault: Vault, ticket: Ticket, session: Session): SessionIndex {
  if (session.id !== vault.name('session', ticket.id)) {
    throw new Problem('session/shape', 'The session does not belong to its ticket.');
  }
  if (session.userId.length > MAX_USER_ID || session.proofs.length > MAX_PROOFS) {
    throw new Problem('session/shape', 'The session is larger than stores accept.');
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

/** Seals what is not in the index. */
export function sealSession(
  vault: Vault,
  ticket: Ticket,
  index: SessionIndex,
  session: Pick<Session, 'proofs' | keyof Rest>,
): Uint8Array {
  const { proofs, bound, device, remembered, issuedAt, passwordSetAt, source } = session;
  const version = bound === undefined ? FREE : BOUND;
  const rest = { bound, device, remembered, issuedAt, passwordSetAt, source };
  const text = JSON.stringify([version, proofs.map((p) => [p.method, p.at]), rest]);
  return vault.seal('session', sessionSecret(ticket, index), text);
}

/** The session, or null if secret, index or bytes differ from those it was sealed with. */
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

/** The part of the index for lists, without what only the store needs. */
export function summaryOf(index: SessionIndex): SessionSummary {
  const { id, userId, createdAt, seenAt, expiresAt, client } = index;
  return { id, userId, createdAt, seenAt, expiresAt, client };
}

/**
 * Seals a plan that replaces revision `expected`. Throws Problem `plan/shape` (400) if the plan is
 * larger than stores accept, `plan/revision` if its own revision has not increased.
 */
export function sealPlan(vault: Vault, plan: Plan, expected: number): Uint8Array {
  if (plan.revision <= expected) {
    throw new Problem('plan/revision', 'A plan must be stored with a higher revision.');
  }
  const text = JSON.stringify(plan);
  if (text.length > MAX_PLAN || !isStoredId(plan.id)) {
    throw new Problem('plan/shape', 'This run is larger than stores accept.', { status: 400 });
  }
  return vault.seal('plan', '', text);
}

/** The plan, or null if it does not open or has another id. */
export function openPlan(vault: Vault, id: string, sealed: Uint8Array): Plan | null {
  const text = vault.open('plan', '', sealed);
  if (text === null) return null;
  const plan = JSON.parse(text) as Plan;
  return plan.v === 1 && plan.id === id ? plan : null;
}

/** Half of the key comes from the ticket; the index is part of it too, so that it cannot be altered. */
function sessionSecret(ticket: Ticket, index: SessionIndex): string {
  const { userId, createdAt, expiresAt, idle, client } = index;
  // Lengths precede free text, so that no two indexes produce the same secret.
  const texts = [userId, client.ip, client.agent].map((text) => `${text.length}:${text}`).join('');
  return `${ticket.secret} ${createdAt} ${expiresAt} ${idle} ${texts}`;
}
