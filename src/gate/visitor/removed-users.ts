/**
 * Whoever is deleted or disabled is signed out there and then, not only when they come again: somebody
 * who is put back, or another person under the same id, must not find a session that was left.
 */
import type { Directory } from '../../core/people/directory.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { SessionStore } from '../../core/people/session-store.ts';

/** What is watched, and where sessions end. */
export interface GoneParts {
  readonly directory: Pick<Directory, 'watch' | 'read'>;
  readonly sessions: Pick<SessionStore, 'endAll'>;
  readonly events: EventSink;
}

/** Begins to watch; returns the way to stop. */
export function endSessionsOfRemovedUsers({ directory, sessions, events }: GoneParts): () => void {
  const look = async (id: string): Promise<void> => {
    try {
      const user = await directory.read(id);
      if (user === null || user.disabled) await sessions.endAll(id);
    } catch (cause) {
      // Named fallback: they are found to be gone when they come, as long as they are.
      events.emit({ type: 'fault', code: 'session/write', requestId: null, cause });
    }
  };
  return directory.watch((id) => {
    // Where it is not known who changed, everybody is looked at when they come.
    if (id !== null) void look(id);
  });
}
