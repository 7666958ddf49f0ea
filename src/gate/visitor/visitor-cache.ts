/**
 * Visitors by cookie value, bounded, with indexes that drop a changed session or user at once.
 * Does not know whether its entries are current; the caller decides when to trust them.
 */
import { LRUCache } from 'lru-cache';
import type { SessionVisitor } from '../../core/access/decision.ts';

/** One cached visitor. `visitor` is replaced when a use is recorded. */
export interface Remembered {
  readonly cookie: string;
  visitor: SessionVisitor;
  /** When it was read from the store, in epoch milliseconds. */
  readonly storedAt: number;
}

/** The cache of one process. */
export interface VisitorCache {
  get(cookie: string): Remembered | undefined;
  put(cookie: string, visitor: SessionVisitor, storedAt: number): void;
  drop(entry: Remembered): void;
  dropSession(sessionId: string): void;
  dropUser(userId: string): void;
  clear(): void;
  /** Whether a visitor just read should be cached. Call once for each read. */
  takesIn(candidate: { readonly isReturning: boolean }): boolean;
  size(): number;
}

/** A full cache takes in one of this many returning visitors. */
const CANDIDATES_PER_SLOT = 8;

/** A cache of at most `capacity` visitors; the least recently used are dropped first. */
export function createVisitorCache(capacity: number): VisitorCache {
  const bySession = new Map<string, Remembered>();
  const byUser = new Map<string, Set<Remembered>>();
  let candidates = 0;

  const unindex = (entry: Remembered): void => {
    const { session } = entry.visitor;
    if (bySession.get(session.id) === entry) bySession.delete(session.id);
    const ofUser = byUser.get(session.userId);
    if (ofUser?.delete(entry) === true && ofUser.size === 0) byUser.delete(session.userId);
  };
  const entries = new LRUCache<string, Remembered>({ max: capacity, dispose: unindex });
  const drop = (entry: Remembered): void => {
    if (entries.peek(entry.cookie) === entry) entries.delete(entry.cookie);
  };

  return {
    get: (cookie) => entries.get(cookie),
    put(cookie, visitor, storedAt) {
      const { session } = visitor;
      // One cookie for each session: a second sealing of the same ticket replaces the first.
      const before = bySession.get(session.id);
      if (before !== undefined) drop(before);
      const entry: Remembered = { cookie, visitor, storedAt };
      entries.set(cookie, entry);
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
    clear: () => entries.clear(),
    takesIn({ isReturning }) {
      if (entries.size < capacity) return true;
      // A scan of fresh cookies must not empty a full cache, and a crowd larger than the cache
      // must not push itself out before it returns.
      if (!isReturning) return false;
      candidates += 1;
      return candidates % CANDIDATES_PER_SLOT === 0;
    },
    size: () => entries.size,
  };
}
