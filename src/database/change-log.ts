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
  /** Notifies the listeners of this process, once the transaction is committed. */
  announce(ids: readonly (string | null)[]): void;
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

/** Starts looking. */
export function openChangeLog(
  db: SqliteDatabase,
  { id, now }: ChangeTable,
  timing: ChangesTiming,
): ChangeLog {
  const listeners = new Set<ChangeListener>();
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

  const readVersion = (): number => db.look(() => version.first()) ?? 0;
  const readNewest = (): number => db.look(() => newest.first()) ?? 0;
  // The version is read first: a change in between is then looked for once too often, never too seldom.
  let known = readVersion();
  let seq = readNewest();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let coherent = true;

  function announce(ids: readonly (string | null)[]): void {
    for (const changed of ids) for (const listener of listeners) listener(changed);
  }
  function look(): boolean {
    try {
      const current = readVersion();
      if (current === known) return true;
      const rows = db.look(() => after.all(seq));
      known = current;
      const first = rows[0];
      if (first === undefined) return true;
      // Sequence numbers have no gaps, so a gap means that rows were pruned before we looked.
      const isLost = first.seq !== seq + 1 || rows.length === KEPT;
      seq = isLost ? readNewest() : (rows.at(-1)?.seq ?? seq);
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

  const timer = setInterval(isCoherent, timing.poll);
  timer.unref();
  return {
    *record(ids) {
      for (const changed of ids)
        yield* now === undefined ? insert(changed) : insert(changed, now());
      if (ids.length > 0) yield* prune();
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
