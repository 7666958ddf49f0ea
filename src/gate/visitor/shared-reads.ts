/**
 * Reads of visitors under way. Requests with the same cookie share one read, and a change announced
 * during a read marks its result as unfit for the cache.
 */
import type { SessionVisitor } from '../../core/access/decision.ts';

/** One read under way, with what is known of it so far. */
export interface Read {
  sessionId: string | null;
  userId: string | null;
  /** The session or user changed since the read began: the result must not be cached. */
  isStale: boolean;
}

/** A visitor as read; null for no live session. */
export type Loaded = SessionVisitor | null;

type Result = Promise<Loaded>;

/** Reads by cookie value. */
export interface SharedReads {
  /** Joins the read under way for this cookie, or starts one. */
  join(cookie: string, start: (read: Read) => Result): Result;
  /** Starts a read that no other request may join and whose result must not be cached. */
  alone(start: (read: Read) => Result): Result;
  /** Marks the reads that a change concerns. Later requests join none that began before it. */
  spoil(concerns: (read: Read) => boolean): void;
  /** Whether there is a read to join. */
  isEmpty(): boolean;
}

/** No reads yet. */
export function createSharedReads(): SharedReads {
  const underWay = new Set<Read>();
  const byCookie = new Map<string, Result>();

  const run = (read: Read, start: (read: Read) => Result, cookie: string | null): Result => {
    underWay.add(read);
    const result = start(read).finally(() => {
      underWay.delete(read);
      if (cookie !== null && byCookie.get(cookie) === result) byCookie.delete(cookie);
    });
    if (cookie !== null) byCookie.set(cookie, result);
    return result;
  };

  return {
    join: (cookie, start) =>
      byCookie.get(cookie) ?? run({ sessionId: null, userId: null, isStale: false }, start, cookie),
    alone: (start) => run({ sessionId: null, userId: null, isStale: true }, start, null),
    spoil(concerns) {
      byCookie.clear();
      for (const read of underWay) if (concerns(read)) read.isStale = true;
    },
    isEmpty: () => byCookie.size === 0,
  };
}
