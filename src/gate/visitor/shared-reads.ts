/**
 * Reads of visitors under way. Requests with the same cookie for the same place share one read, and a change announced
 * during a read marks its result as unfit for the cache.
 */
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { Misplaced } from '../../core/access/visitors.ts';

/** One read under way, with what is known of it so far. */
export interface Read {
  sessionId: string | null;
  userId: string | null;
  /** When the session's source must be asked again; Infinity if there is none to ask. */
  goodUntil: number;
  /** The session or user changed since the read began: the result must not be cached. */
  isStale: boolean;
}

/** A visitor as read; null for no live session. */
export type Loaded = SessionVisitor | Misplaced | null;

type Result = Promise<Loaded>;

/** Reads by a key: the cookie's value, and where it must be valid. */
export interface SharedReads {
  /** Joins the read under way for this key, or starts one. */
  join(key: string, start: (read: Read) => Result): Result;
  /** Starts a read that no other request may join and whose result must not be cached. */
  alone(start: (read: Read) => Result): Result;
  /** Marks the reads that a change concerns. Later requests join none that began before it. */
  spoil(concerns: (read: Read) => boolean): void;
  /** Whether there is a read to join. */
  isEmpty(): boolean;
}

function newRead({ isStale }: Pick<Read, 'isStale'>): Read {
  return { sessionId: null, userId: null, goodUntil: Number.POSITIVE_INFINITY, isStale };
}

/** No reads yet. */
export function createSharedReads(): SharedReads {
  const underWay = new Set<Read>();
  const byKey = new Map<string, Result>();

  const run = (read: Read, start: (read: Read) => Result, key: string | null): Result => {
    underWay.add(read);
    const result = start(read).finally(() => {
      underWay.delete(read);
      if (key !== null && byKey.get(key) === result) byKey.delete(key);
    });
    if (key !== null) byKey.set(key, result);
    return result;
  };

  return {
    join: (key, start) => byKey.get(key) ?? run(newRead({ isStale: false }), start, key),
    alone: (start) => run(newRead({ isStale: true }), start, null),
    spoil(concerns) {
      byKey.clear();
      for (const read of underWay) if (concerns(read)) read.isStale = true;
    },
    isEmpty: () => byKey.size === 0,
  };
}
