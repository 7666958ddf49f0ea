/**
 * Whose data changed. Changes made here are told at once; those of other processes (the command
 * line writes too) are noticed by looking. What cannot be read is "everything changed".
 */
import type { ChangeListener } from '../../core/people/session-store.ts';
import type { Database } from './database.ts';

/** The news of the file. */
export interface Changes {
  /** To be called inside the transaction. */
  record(userId: string): void;
  /** To be called once it is committed. */
  announce(userId: string): void;
  watch(listener: ChangeListener): () => void;
  /** Notices what others did; false when it could not look. */
  isCoherent(): boolean;
  stop(): void;
}

/** Milliseconds. */
export interface ChangesTiming {
  /** How old a look may be that is believed without another; one costs some 2 µs. */
  readonly believed: number;
  /** How often to look when nobody asks. */
  readonly poll: number;
}

export const CHANGES_TIMING: ChangesTiming = { believed: 1, poll: 250 };

/** Rows that are kept and read at most; more changes at once are "everything". */
const KEPT = 1_000;

/** Starts looking. */
export function openChanges(db: Database, timing: ChangesTiming): Changes {
  const listeners = new Set<ChangeListener>();
  const version = db.prepare('PRAGMA data_version');
  const newest = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM changes');
  const after = db.prepare('SELECT seq, user_id FROM changes WHERE seq > ? ORDER BY seq');
  const insert = db.prepare('INSERT INTO changes (user_id) VALUES (?)');
  const prune = db.prepare('DELETE FROM changes WHERE seq <= ?');

  const readVersion = (): number => (version.get() as { data_version: number }).data_version;
  const readSeq = (): number => (newest.get() as { seq: number }).seq;
  const announce = (userId: string | null): void => {
    for (const listener of listeners) listener(userId);
  };
  // The version is read first: a change between the two is looked for once too often, never too seldom.
  let known = readVersion();
  let seq = readSeq();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let coherent = true;

  function look(): boolean {
    try {
      // Through `read`, which refuses a file that was replaced.
      const current = db.read(readVersion);
      if (current === known) return true;
      const rows = after.all(seq) as { seq: number; user_id: string }[];
      known = current;
      const first = rows[0];
      if (first === undefined) return true;
      // Numbers have no gaps, so one means that rows were pruned before we looked.
      const lost = first.seq !== seq + 1;
      seq = rows.at(-1)?.seq ?? seq;
      if (lost) announce(null);
      else for (const row of rows) announce(row.user_id);
      return true;
    } catch {
      // Named fallback: not coherent. Everybody asks `read`, which tells the fault.
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
    record(userId) {
      const { lastInsertRowid } = insert.run(userId);
      prune.run(Number(lastInsertRowid) - KEPT);
    },
    announce,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isCoherent,
    stop() {
      clearInterval(timer);
      coherent = false;
      lookedAt = Number.POSITIVE_INFINITY;
    },
  };
}
