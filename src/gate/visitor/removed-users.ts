/**
 * Ends the sessions of a user who is deleted or disabled at once, not on the next request: a user
 * who is enabled again, or another one under the same id, must not find a session left behind.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { SessionStore } from '../../core/people/session-store.ts';

/** What is watched, and where sessions end. */
export interface RemovedUsersParts {
  readonly directory: Pick<Directory, 'watch' | 'read'>;
  readonly sessions: Pick<SessionStore, 'endAll'>;
  readonly events: EventSink;
}

/** Starts to watch; returns the function that stops. */
export function endSessionsOfRemovedUsers(parts: RemovedUsersParts): () => void {
  const { directory, sessions, events } = parts;
  const check = async (id: string): Promise<void> => {
    try {
      const user = await directory.read(id);
      if (user === null || user.disabled) await sessions.endAll(id);
    } catch (cause) {
      // Named fallback: the next request with this session finds the user removed.
      events.emit({ type: 'fault', code: 'session/write', requestId: null, cause });
    }
  };
  return directory.watch((id) => {
    // Where the directory cannot name the user, each is checked on the next request.
    if (id !== null) void check(id);
  });
}
