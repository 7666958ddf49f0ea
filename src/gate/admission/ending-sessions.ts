/**
 * Ends the session of a user who signs out at the app's own address, before the request reaches the
 * app. If the store cannot end it, the request fails, so that no user believes to be signed out.
 */
import type { Decision } from '../../core/access/decision.ts';
import type { EventSink } from '../../core/access/event.ts';
import { isByUser, isSignOutPath } from '../../core/access/sign-out-request.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { DecideRequest } from './decide-request.ts';

/** What ending sessions needs. */
export interface SessionEndParts {
  readonly decideRequest: DecideRequest;
  readonly sessions: Pick<SessionStore, 'end'>;
  readonly events: EventSink;
}

/**
 * Decides, and ends the session of an allowed sign-out. With the purpose `look` nothing ends. The
 * decision still contains the user: the app learns whose session it must end.
 */
export function endingSessions({
  decideRequest,
  sessions,
  events,
}: SessionEndParts): DecideRequest {
  const end = async (facts: RequestFacts, decision: Decision): Promise<Decision> => {
    const session = decision.visitor?.session ?? null;
    if (session === null) return decision;
    const { id: sessionId, userId } = session;
    const { clientIp } = facts;
    if (await sessions.end(sessionId, session)) {
      events.emit({ type: 'session', change: 'ended', sessionId, userId, clientIp });
    }
    return decision;
  };
  return (snapshot, facts, purpose = 'use') => {
    const conclude = (decision: Decision): Decision | Promise<Decision> =>
      purpose === 'use' && isSignOut(snapshot, facts, decision) ? end(facts, decision) : decision;
    const decision = decideRequest(snapshot, facts, purpose);
    return decision instanceof Promise ? decision.then(conclude) : conclude(decision);
  };
}

function isSignOut(snapshot: Snapshot, facts: RequestFacts, decision: Decision): boolean {
  return (
    decision.kind === 'allow' &&
    isSignOutPath(decision.route, facts) &&
    isByUser(siteOf(snapshot, facts.host), facts)
  );
}
