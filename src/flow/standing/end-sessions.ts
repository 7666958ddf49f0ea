/** Ends sessions that a provider no longer vouches for, on all gateways. */
import type { EventSink } from '../../core/access/event.ts';
import type { Session } from '../../core/people/session.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { Withdrawal } from '../../core/sources/source-session.ts';

/** What ending needs. */
export interface EndPorts {
  readonly stores: Pick<Stores, 'sessions' | 'sourceSessions'>;
  readonly events: EventSink;
}

/** Ends one session that was read with its ticket. */
export async function endSession(
  { stores: { sessions }, events }: EndPorts,
  session: Session,
  why: { readonly about: 'recheck'; readonly code: string },
): Promise<void> {
  const { id: sessionId, userId, source = '' } = session;
  const { ip: clientIp } = session.client;
  if (await sessions.end(sessionId, session)) {
    events.emit({ type: 'session', change: 'ended', sessionId, userId, clientIp });
  }
  events.emit({ type: 'source', source, result: 'ended', ...why, userId, clientIp });
}

/**
 * Ends all sessions of an account, or of one session of the provider. Returns how many there were. A
 * sign-in under way that the provider vouched for earlier does not begin a session any more.
 */
export async function endWithdrawn(
  { stores: { sessions, sourceSessions }, events }: EndPorts,
  withdrawal: Withdrawal,
  clientIp: string,
): Promise<number> {
  let ended = 0;
  for (const sessionId of await sourceSessions.withdraw(withdrawal)) {
    const { userId = '' } = (await sessions.summary(sessionId)) ?? {};
    if (!(await sessions.end(sessionId))) continue;
    ended += 1;
    events.emit({ type: 'session', change: 'ended', sessionId, userId, clientIp });
  }
  return ended;
}
