/** Use of a session outside its bounds: from another network or country than it is bound to. */
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Elsewhere } from '../../core/access/visitors.ts';
import { isElsewhere, type Places } from '../../core/people/place.ts';

/** Reports a visitor outside the bounds of the session; null where the session may be used. */
export type FindAway = (visitor: SessionVisitor, clientIp: string) => Elsewhere | null;

/** Without `places`, a session bound to a country is accepted nowhere. */
export function createFindAway(events: EventSink, places: Places | undefined): FindAway {
  return ({ session }, clientIp) => {
    const { bound, id: sessionId, userId } = session;
    if (bound === undefined || !isElsewhere(bound, clientIp, places)) return null;
    // The session stays alive for its owner; this request does not extend it.
    events.emit({ type: 'session', change: 'elsewhere', sessionId, userId, clientIp });
    return { elsewhere: userId };
  };
}
