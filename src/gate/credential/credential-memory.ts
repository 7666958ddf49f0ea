/**
 * What was read of credentials: trusted without another read while nothing changes, and for a bounded
 * time. Requests with the same credential share one read.
 */
import type { Rejected } from '../../core/access/visitors.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Clock } from '../../core/values/system.ts';
import { createCredentialCache, type Known, type Read } from './credential-cache.ts';

/** What remembering needs. */
export interface MemoryParts {
  /** Where tokens and authenticators are stored; left out for credentials that depend on neither. */
  readonly accounts?: Pick<Accounts, 'watch' | 'isCoherent'>;
  readonly directory: Pick<Directory, 'watch' | 'freshFor'>;
  readonly clock: Clock;
  /** How long a visitor is trusted without a read, in milliseconds, should every announcement fail. */
  readonly maxAge: number;
  /** Visitors kept in memory. Default 5,000. */
  readonly capacity?: number;
  /** Called when users, tokens or authenticators change. */
  readonly changed?: () => void;
}

/** The memory of one reader. */
export interface CredentialMemory<Found extends Read> {
  /** A visitor that may be trusted without a read. */
  get(key: string): Known<Found> | undefined;
  /** Joins the read under way for this key, or starts one. */
  read(key: string, load: () => Promise<Found | Rejected>): Promise<Known<Found> | Rejected>;
  size(): number;
  /** Ends the subscriptions to changes. */
  close(): void;
}

/** Remembers visitors, and reads under way, until users, tokens or authenticators change. */
export function createCredentialMemory<Found extends Read>({
  accounts,
  directory,
  clock,
  maxAge,
  capacity = 5_000,
  changed: onChange,
}: MemoryParts): CredentialMemory<Found> {
  const cache = createCredentialCache<Found>(capacity);
  const reads = new Map<string, Promise<Known<Found> | Rejected>>();
  let changes = 0;
  const changed = (userId: string | null): void => {
    changes += 1;
    reads.clear();
    onChange?.();
    if (userId === null) cache.clear();
    else cache.dropUser(userId);
  };
  const unwatch = [accounts?.watch(changed), directory.watch(changed)];
  /** For how long a visitor may be trusted. Asks both, always: asking is how they notice changes. */
  const freshFor = (): number => {
    const areKnown = accounts?.isCoherent() ?? true;
    const ofUsers = directory.freshFor();
    return areKnown ? Math.min(ofUsers, maxAge) : 0;
  };
  const store = async (
    key: string,
    load: () => Promise<Found | Rejected>,
  ): Promise<Known<Found> | Rejected> => {
    const before = changes;
    const found = await load();
    if ('rejected' in found) return found;
    const entry = { ...found, key, storedAt: clock.now() };
    // `freshFor` may deliver announcements.
    if (freshFor() > 0 && changes === before) cache.put(entry);
    return entry;
  };
  return {
    get(key) {
      const fresh = freshFor();
      const entry = fresh > 0 ? cache.get(key) : undefined;
      return entry !== undefined && clock.now() - entry.storedAt < fresh ? entry : undefined;
    },
    read(key, load) {
      const known = reads.get(key);
      if (known !== undefined) return known;
      const result = store(key, load).finally(() => {
        if (reads.get(key) === result) reads.delete(key);
      });
      reads.set(key, result);
      return result;
    },
    size: () => cache.size(),
    close() {
      for (const stop of unwatch) stop?.();
    },
  };
}
