/**
 * Visitors with tokens, by the Authorization field that led to them. Bounded, with an index that drops
 * those of a user at once. Does not know whether its entries are current.
 */
import { LRUCache } from 'lru-cache';
import type { GrantVisitor } from '../../core/access/decision.ts';

/** One cached visitor. */
export interface KnownToken {
  readonly field: string;
  readonly visitor: GrantVisitor;
  /** When it was read from the stores, in epoch milliseconds. */
  readonly storedAt: number;
  /** The last use that was stored or is about to be, in epoch milliseconds. */
  usedAt: number;
}

/** The cache of one process. */
export interface TokenCache {
  get(field: string): KnownToken | undefined;
  put(entry: KnownToken): void;
  dropUser(userId: string): void;
  clear(): void;
  size(): number;
}

/** A cache of at most `capacity` visitors; the least recently used are dropped first. */
export function createTokenCache(capacity: number): TokenCache {
  const byUser = new Map<string, Set<string>>();
  const entries = new LRUCache<string, KnownToken>({
    max: capacity,
    dispose({ visitor: { user } }, field) {
      const fields = byUser.get(user.id);
      if (fields?.delete(field) === true && fields.size === 0) byUser.delete(user.id);
    },
  });
  return {
    get: (field) => entries.get(field),
    put(entry) {
      const { field, visitor } = entry;
      entries.set(field, entry);
      const fields = byUser.get(visitor.user.id);
      if (fields === undefined) byUser.set(visitor.user.id, new Set([field]));
      else fields.add(field);
    },
    dropUser(userId) {
      // Each deletion takes its field out of the set.
      for (const field of byUser.get(userId) ?? []) entries.delete(field);
    },
    clear: () => entries.clear(),
    size: () => entries.size,
  };
}
