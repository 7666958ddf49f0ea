/**
 * Visitors with a credential other than a session, by the key that led to them. Bounded, with an index
 * that drops those of a user at once. Does not know whether its entries are current.
 */
import { LRUCache } from 'lru-cache';
import type { GrantVisitor } from '../../core/access/decision.ts';

/** What is known of a credential. */
export interface Read {
  readonly visitor: GrantVisitor;
}

/** One cached visitor. */
export type Known<Found extends Read> = Found & {
  readonly key: string;
  /** When it was read, in epoch milliseconds. */
  readonly storedAt: number;
};

/** The cache of one process. */
export interface CredentialCache<Found extends Read> {
  get(key: string): Known<Found> | undefined;
  put(entry: Known<Found>): void;
  dropUser(userId: string): void;
  clear(): void;
  size(): number;
}

/** A cache of at most `capacity` visitors; the least recently used are dropped first. */
export function createCredentialCache<Found extends Read>(
  capacity: number,
): CredentialCache<Found> {
  const byUser = new Map<string, Set<string>>();
  const entries = new LRUCache<string, Known<Found>>({
    max: capacity,
    dispose({ visitor: { user } }, key) {
      const keys = byUser.get(user.id);
      if (keys?.delete(key) === true && keys.size === 0) byUser.delete(user.id);
    },
  });
  return {
    get: (key) => entries.get(key),
    put(entry) {
      const { key, visitor } = entry;
      entries.set(key, entry);
      const keys = byUser.get(visitor.user.id);
      if (keys === undefined) byUser.set(visitor.user.id, new Set([key]));
      else keys.add(key);
    },
    dropUser(userId) {
      // Each deletion takes its key out of the set.
      for (const key of byUser.get(userId) ?? []) entries.delete(key);
    },
    clear: () => entries.clear(),
    size: () => entries.size,
  };
}
