/**
 * What one process knows of visitors, and whether it may be trusted: cached visitors and reads
 * under way, both dropped when store or directory announce a change.
 */
import type { Directory } from '../../core/people/directory.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import { createSharedReads, type SharedReads } from './shared-reads.ts';
import { createVisitorCache, type VisitorCache } from './visitor-cache.ts';

/** What is watched, and how much is kept. */
export interface MemoryParts {
  readonly sessions: Pick<SessionStore, 'watch' | 'isCoherent'>;
  readonly directory: Pick<Directory, 'watch' | 'freshFor'>;
  readonly capacity: number;
}

/** The memory of one process. */
export interface VisitorMemory {
  readonly cache: VisitorCache;
  readonly reads: SharedReads;
  /**
   * For how long after it was read a visitor may be trusted, in milliseconds. 0 while changes may go
   * unannounced: then nothing in memory may be trusted.
   */
  freshFor(): number;
  forgetAll(): void;
  /** Whether there is nothing to forget. */
  isEmpty(): boolean;
  /** Ends the subscriptions. */
  close(): void;
}

/** Subscribes to changes; nothing is known yet. */
export function createVisitorMemory(parts: MemoryParts): VisitorMemory {
  const { sessions, directory, capacity } = parts;
  const cache = createVisitorCache(capacity);
  const reads = createSharedReads();
  const forgetAll = (): void => {
    cache.clear();
    reads.spoil(() => true);
  };
  const unwatchSessions = sessions.watch((id) => {
    if (id === null) return forgetAll();
    cache.dropSession(id);
    reads.spoil((read) => read.sessionId === id);
  });
  const unwatchUsers = directory.watch((id) => {
    if (id === null) return forgetAll();
    cache.dropUser(id);
    reads.spoil((read) => read.userId === id);
  });
  return {
    cache,
    reads,
    freshFor() {
      // Asks both, always: some stores notice the changes of other processes when asked.
      const areSessions = sessions.isCoherent();
      const ofUsers = directory.freshFor();
      return areSessions ? ofUsers : 0;
    },
    forgetAll,
    isEmpty: () => cache.size() === 0 && reads.isEmpty(),
    close() {
      unwatchSessions();
      unwatchUsers();
    },
  };
}
