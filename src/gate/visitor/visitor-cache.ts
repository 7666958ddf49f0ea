/**
 * Visitors by cookie value, bounded, with indexes that drop a changed session or user at once.
 * Does not know whether its entries are current; the caller decides when to trust them.
 */
import { LRUCache } from 'lru-cache';
import type { SessionVisitor } from '../../core/access/decision.ts';

/** One cached visitor. `visitor` is replaced when a use is recorded. */
export interface Remembered {
  readonly cookie: string;
  /** Where the cookie's ticket is valid. */
  readonly scope: string;
  visitor: SessionVisitor;
  /** When it was read from the store, in epoch milliseconds. */
  readonly storedAt: number;
  /** When the session's source must be asked again; Infinity if there is none to ask. */
  readonly goodUntil: number;
}

/** The cache of one process. */
export interface VisitorCache {
  get(cookie: string): Remembered | undefined;
  put(entry: Remembered): void;
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
  const bySession: Index = new Map();
  const byUser: Index = new Map();
  let candidates = 0;

  const unindex = (entry: Remembered): void => {
    const { session } = entry.visitor;
    removeFrom(bySession, session.id, entry);
    removeFrom(byUser, session.userId, entry);
  };
  const entries = new LRUCache<string, Remembered>({ max: capacity, dispose: unindex });
  const drop = (entry: Remembered): void => {
    if (entries.peek(entry.cookie) === entry) entries.delete(entry.cookie);
  };

  return {
    get: (cookie) => entries.get(cookie),
    put(entry) {
      const { session } = entry.visitor;
      // One cookie for each session and scope: a second sealing of the same ticket replaces the first.
      for (const other of bySession.get(session.id) ?? []) {
        if (other.scope === entry.scope) drop(other);
      }
      entries.set(entry.cookie, entry);
      addTo(bySession, session.id, entry);
      addTo(byUser, session.userId, entry);
    },
    drop,
    dropSession(sessionId) {
      for (const entry of bySession.get(sessionId) ?? []) drop(entry);
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

type Index = Map<string, Set<Remembered>>;

function addTo(index: Index, key: string, entry: Remembered): void {
  const entries = index.get(key);
  if (entries === undefined) index.set(key, new Set([entry]));
  else entries.add(entry);
}

function removeFrom(index: Index, key: string, entry: Remembered): void {
  const entries = index.get(key);
  if (entries?.delete(entry) === true && entries.size === 0) index.delete(key);
}
