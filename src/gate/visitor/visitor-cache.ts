/**
 * Visitors remembered by cookie value, bounded, with side indexes so that what changed can be
 * dropped at once. Knows nothing of stores; whoever asks must first know that it may believe it.
 */
import { LRUCache } from 'lru-cache';
import type { Visitor } from '../../core/access/decision.ts';

/** One remembered visitor. `visitor` is replaced when its use is noted. */
export interface Remembered {
  readonly cookie: string;
  visitor: Visitor;
  /** Epoch milliseconds at which the store said so. */
  readonly storedAt: number;
}

/** The memory of one process. */
export interface VisitorCache {
  get(cookie: string): Remembered | undefined;
  put(cookie: string, visitor: Visitor, storedAt: number): void;
  drop(entry: Remembered): void;
  dropSession(sessionId: string): void;
  dropUser(userId: string): void;
  clear(): void;
  isFull(): boolean;
  size(): number;
}

/** A cache of at most `capacity` visitors; least recently used ones go first. */
export function createVisitorCache(capacity: number): VisitorCache {
  const bySession = new Map<string, Remembered>();
  const byUser = new Map<string, Set<Remembered>>();

  const forget = (entry: Remembered): void => {
    const { session } = entry.visitor;
    if (bySession.get(session.id) === entry) bySession.delete(session.id);
    const ofUser = byUser.get(session.userId);
    if (ofUser?.delete(entry) === true && ofUser.size === 0) byUser.delete(session.userId);
  };
  const kept = new LRUCache<string, Remembered>({ max: capacity, dispose: forget });
  const drop = (entry: Remembered): void => {
    if (kept.peek(entry.cookie) === entry) kept.delete(entry.cookie);
  };

  return {
    get: (cookie) => kept.get(cookie),
    put(cookie, visitor, storedAt) {
      const { session } = visitor;
      // One cookie a session: a second sealing of the same ticket takes the first one's place.
      const before = bySession.get(session.id);
      if (before !== undefined) drop(before);
      const entry: Remembered = { cookie, visitor, storedAt };
      kept.set(cookie, entry);
      bySession.set(session.id, entry);
      const ofUser = byUser.get(session.userId);
      if (ofUser === undefined) byUser.set(session.userId, new Set([entry]));
      else ofUser.add(entry);
    },
    drop,
    dropSession(sessionId) {
      const entry = bySession.get(sessionId);
      if (entry !== undefined) drop(entry);
    },
    dropUser(userId) {
      for (const entry of byUser.get(userId) ?? []) drop(entry);
    },
    clear: () => kept.clear(),
    isFull: () => kept.size >= capacity,
    size: () => kept.size,
  };
}
