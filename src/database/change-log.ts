/**
 * Reports which records changed: changes made here at once, those of other processes by looking for
 * them, since a file cannot notify anyone. A log that cannot be read means that anything may have changed.
 */
import type { ChangeListener } from '../core/people/session-store.ts';
import { integer, textOrNull } from './rows.ts';
import { command, query, type Steps } from './sql.ts';
import type { SqliteDatabase } from './sqlite.ts';

/** The changes of one file. */
export interface ChangeLog {
  /** Part of the transaction that changes the records; a null id means many of them. */
  record(ids: readonly (string | null)[]): Steps<void>;
  /**
   * Notifies the listeners of this process at once, when the transaction is committed. Resolves when no
   * other instance believes what it read before: a change counts everywhere before it is reported as done.
   * Processes that share a file look at it before they believe, so there is nothing to wait for.
   */
  announce(ids: readonly (string | null)[]): Promise<void>;
  watch(listener: ChangeListener): () => void;
  /** Whether all changes are known. Looks for those of other processes first; false if it cannot. */
  isCoherent(): boolean;
  stop(): void;
}

/** The columns of the table `changes` beside `seq`. */
export interface ChangeTable {
  /** Column of the changed record's id. */
  readonly id: 'session' | 'user_id';
  /** The column `at`, in epoch milliseconds, if the table has it. */
  readonly now?: () => number;
}

/** Milliseconds. */
export interface ChangesTiming {
  /** How long a look is good for. A look takes about 2.5 µs, a fifth of a check. */
  readonly believed: number;
  /** How often to look without being asked. */
  readonly poll: number;
}

/** Rows kept in the table. A reader that missed more of them has to assume that anything changed. */
const KEPT = 1_000;

/** What a file contains about changes. */
interface ChangeRows {
  /** Differs after each change by another connection, whatever it changed. */
  version(): number;
  /** The sequence number of the newest row; 0 if there is none. */
  newest(): number;
  /** The first rows after a sequence number, at most KEPT. */
  after(seq: number): readonly { readonly seq: number; readonly id: string | null }[];
  record(ids: readonly (string | null)[]): Steps<void>;
}

function changeRows(db: SqliteDatabase, { id, now }: ChangeTable): ChangeRows {
  const version = query('PRAGMA data_version', (row) => integer(row, 'data_version'));
  const newest = query('SELECT coalesce(max(seq), 0) AS seq FROM changes', (row) =>
    integer(row, 'seq'),
  );
  const after = query(
    `SELECT seq, ${id} AS id FROM changes WHERE seq > ? ORDER BY seq LIMIT ${KEPT}`,
    (row) => ({ seq: integer(row, 'seq'), id: textOrNull(row, 'id') }),
  );
  const insert = command(
    now === undefined
      ? `INSERT INTO changes (${id}) VALUES (?)`
      : `INSERT INTO changes (${id}, at) VALUES (?, ?)`,
  );
  const prune = command(
    `DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ${KEPT}`,
  );
  return {
    version: () => db.look(() => version.first()) ?? 0,
    newest: () => db.look(() => newest.first()) ?? 0,
    after: (seq) => db.look(() => after.all(seq)),
    *record(ids) {
      for (const changed of ids)
        yield* now === undefined ? insert(changed) : insert(changed, now());
      if (ids.length > 0) yield* prune();
    },
  };
}

/** Starts looking. */
export function openChangeLog(
  db: SqliteDatabase,
  table: ChangeTable,
  timing: ChangesTiming,
): ChangeLog {
  const listeners = new Set<ChangeListener>();
  const changes = changeRows(db, table);
  // The version is read first: a change in between is then looked for once too often, never too seldom.
  let known = changes.version();
  let seq = changes.newest();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let coherent = true;

  function announce(ids: readonly (string | null)[]): void {
    for (const changed of ids) for (const listener of listeners) listener(changed);
  }
  function look(): boolean {
    try {
      const current = changes.version();
      if (current === known) return true;
      const rows = changes.after(seq);
      known = current;
      const first = rows[0];
      if (first === undefined) return true;
      // Sequence numbers have no gaps, so a gap means that rows were pruned before we looked.
      const isLost = first.seq !== seq + 1 || rows.length === KEPT;
      seq = isLost ? changes.newest() : (rows.at(-1)?.seq ?? seq);
      announce(isLost ? [null] : rows.map((row) => row.id));
      return true;
    } catch {
      // Named fallback: not coherent. Each check then reads the records themselves, which reports the fault.
      known = -1;
      if (coherent) announce([null]);
      return false;
    }
  }
  function isCoherent(): boolean {
    const at = performance.now();
    if (at - lookedAt < timing.believed) return coherent;
    coherent = look();
    lookedAt = at;
    return coherent;
  }

  const timer = setInterval(isCoherent, timing.poll).unref();
  return {
    record: (ids) => changes.record(ids),
    announce: async (ids) => announce(ids),
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
