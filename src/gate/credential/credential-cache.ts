/**
 * Visitors with a credential other than a session, by the key that led to them. Bounded, as a whole and by
 * shares, with an index that drops those of a user at once. Does not know whether its entries are current.
 */
import { LRUCache } from 'lru-cache';
import type { GrantVisitor } from '../../core/access/decision.ts';

/** A part of the cache: a holder of many credentials displaces their own alone. */
export interface Share {
  /** Unique in the cache of one reader. */
  readonly name: string;
  readonly most: number;
}

/** What is known of a credential. */
export interface Read {
  readonly visitor: GrantVisitor;
  /** Which it counts against. */
  readonly shares: readonly Share[];
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

/** A cache of at most `capacity` visitors; the least recently used are dropped first, of a share the oldest. */
export function createCredentialCache<Found extends Read>(
  capacity: number,
): CredentialCache<Found> {
  const byUser: Index = new Map();
  const byShare: Index = new Map();
  const entries = new LRUCache<string, Known<Found>>({
    max: capacity,
    dispose({ visitor: { user }, shares }, key) {
      removeFrom(byUser, user.id, key);
      for (const { name } of shares) removeFrom(byShare, name, key);
    },
  });
  return {
    get: (key) => entries.get(key),
    put(entry) {
      const { key, visitor, shares } = entry;
      entries.delete(key);
      for (const { name, most } of shares) {
        const keys = byShare.get(name);
        const [oldest] = keys ?? [];
        if (keys !== undefined && oldest !== undefined && keys.size >= most) entries.delete(oldest);
      }
      entries.set(key, entry);
      addTo(byUser, visitor.user.id, key);
      for (const { name } of shares) addTo(byShare, name, key);
    },
    dropUser(userId) {
      // Each deletion takes its key out of the set.
      for (const key of byUser.get(userId) ?? []) entries.delete(key);
    },
    clear: () => entries.clear(),
    size: () => entries.size,
  };
}

/** Keys in the order in which they were added. */
type Index = Map<string, Set<string>>;

function addTo(index: Index, name: string, key: string): void {
  const keys = index.get(name);
  if (keys === undefined) index.set(name, new Set([key]));
  else keys.add(key);
}

function removeFrom(index: Index, name: string, key: string): void {
  const keys = index.get(name);
  if (keys?.delete(key) === true && keys.size === 0) index.delete(name);
}
