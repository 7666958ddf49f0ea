/**
 * Who must forget which session. Ends made here are told at once; ends made by other processes are
 * noticed by looking, because a file cannot call. What cannot be read is "everything changed".
 */
import type { ChangeListener } from '../../core/people/session-store.ts';
import type { Database } from './database.ts';

/** The news of the state file. */
export interface Changes {
  /** To be called inside the transaction that ends the session; null for "many". */
  record(id: string | null, now: number): void;
  /** To be called once it is committed. */
  announce(id: string | null): void;
  watch(listener: ChangeListener): () => void;
  /** Notices what others did; false when it could not look. */
  isCoherent(): boolean;
  stop(): void;
}

/** Milliseconds. */
export interface ChangesTiming {
  /** How old a look may be that is believed without another: a look costs 2.5 µs, a fifth of a check. */
  readonly believed: number;
  /** How often to look when nobody asks, for open websockets. */
  readonly poll: number;
}

export const CHANGES_TIMING: ChangesTiming = { believed: 1, poll: 100 };

/** Rows read at a look; more of them at once are "everything". */
const MAX_ROWS = 1_000;

/** Starts looking. */
export function openChanges(db: Database, timing: ChangesTiming = CHANGES_TIMING): Changes {
  const listeners = new Set<ChangeListener>();
  const version = db.prepare('PRAGMA data_version');
  const newest = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM changes');
  const after = db.prepare(
    `SELECT seq, session FROM changes WHERE seq > ? ORDER BY seq LIMIT ${MAX_ROWS}`,
  );
  const insert = db.prepare('INSERT INTO changes (session, at) VALUES (?, ?)');

  // The version is read first: a change between the two is then looked for once too often, never too seldom.
  let known = readVersion();
  let seq = (newest.get() as { seq: number }).seq;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let coherent = true;

  function readVersion(): number {
    return (version.get() as { data_version: number }).data_version;
  }
  function announce(id: string | null): void {
    for (const listener of listeners) listener(id);
  }
  function look(): boolean {
    try {
      // Through `read`, which refuses a file that was replaced.
      const current = db.read(readVersion);
      if (current === known) return true;
      const rows = after.all(seq) as { seq: number; session: string | null }[];
      known = current;
      const first = rows[0];
      if (first === undefined) return true;
      // Sequence numbers have no gaps, so one means that rows were pruned before we looked.
      const lost = first.seq !== seq + 1 || rows.length === MAX_ROWS;
      seq = lost ? (newest.get() as { seq: number }).seq : (rows.at(-1)?.seq ?? seq);
      if (lost) announce(null);
      else for (const row of rows) announce(row.session);
      return true;
    } catch {
      // Named fallback: not coherent. Every check asks the store, and `read` tells the fault.
      known = -1;
      if (coherent) announce(null);
      return false;
    }
  }
  function isCoherent(): boolean {
    const now = performance.now();
    if (now - lookedAt < timing.believed) return coherent;
    coherent = look();
    lookedAt = now;
    return coherent;
  }

  const timer = setInterval(isCoherent, timing.poll);
  timer.unref();
  return {
    record: (id, now) => void insert.run(id, now),
    announce,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isCoherent,
    stop: () => clearInterval(timer),
  };
}
