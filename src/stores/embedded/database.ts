/**
 * The state file: opened 0600, brought up to date, read and written with every fault as a Problem.
 * It must never wait long for another process while the event loop stands still.
 */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem, storeUnavailable } from '../../core/problem.ts';
import { MIGRATIONS } from './schema.ts';

/** One open state file. */
export interface Database {
  /** Compiled once. */
  prepare(sql: string): StatementSync;
  /** Problem `store/unavailable` for any fault. */
  read<T>(query: () => T): T;
  /**
   * One transaction. `lasting`: on the disk before this resolves, for what must not come back
   * after a power cut; without it only a killed process, not a dead machine, is survived.
   */
  write<T>(change: () => T, options?: { lasting?: boolean }): Promise<T>;
  /** Throws `store/unavailable` when the file is not the one that was opened any more. */
  verify(): void;
  close(): void;
}

/** Milliseconds SQLite itself may block on a lock; beyond it we step aside and try again. */
const BLOCK = 20;
/** Attempts, with pauses of 10 to 50 ms between: some two seconds in all. */
const ATTEMPTS = 40;
/** Largest write-ahead log that is kept after a checkpoint, in bytes. */
const MAX_LOG = 16 * 1024 * 1024;

/** Opens or makes the file. Problems `store/unusable` and `store/newer` name it and the remedy. */
export function openDatabase(path: string): Database {
  const { db, inode } = openFile(path);
  const statements = new Map<string, StatementSync>();
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const made = db.prepare(sql);
      statements.set(sql, made);
      return made;
    },
    read: (query) => guarded(query),
    async write(change, options) {
      for (let attempt = 1; ; attempt++) {
        try {
          return transaction(db, change, options?.lasting === true);
        } catch (caught) {
          if (caught instanceof Problem) throw caught;
          if (!isBusy(caught) || attempt >= ATTEMPTS) throw storeUnavailable(caught);
        }
        await delay(10 + (attempt % 5) * 10);
      }
    },
    verify() {
      guarded(() => {
        if (statSync(path).ino !== inode) throw new Error(`${path} has been replaced`);
      });
    },
    close() {
      statements.clear();
      if (db.isOpen) db.close();
    },
  };
}

function openFile(path: string): { db: DatabaseSync; inode: number } {
  try {
    // SQLite gives its journal files the mode of the file itself, so that one must be right first.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    const db = new DatabaseSync(path, { timeout: 2_000, allowExtension: false });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = ${MAX_LOG}; PRAGMA trusted_schema = OFF;`);
    migrate(db, path);
    db.exec(`PRAGMA busy_timeout = ${BLOCK}`);
    return { db, inode: statSync(path).ino };
  } catch (caught) {
    if (caught instanceof Problem) throw caught;
    const remedy = 'Make data_dir writable for this user, or move a damaged file away.';
    throw new Problem('store/unusable', `The state file ${path} cannot be used. ${remedy}`, {
      status: 503,
      cause: caught,
    });
  }
}

/** Several processes may start at once: the version is read again under the lock. */
function migrate(db: DatabaseSync, path: string): void {
  transaction(
    db,
    () => {
      const row = db.prepare('PRAGMA user_version').get() as { user_version: number };
      if (row.user_version > MIGRATIONS.length) {
        throw new Problem(
          'store/newer',
          `The state file ${path} was written by a newer release. Run that one, or move the file away (everybody signs in again).`,
          { status: 503 },
        );
      }
      if (row.user_version === MIGRATIONS.length) return;
      for (const step of MIGRATIONS.slice(row.user_version)) db.exec(step);
      db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    },
    true,
  );
}

function transaction<T>(db: DatabaseSync, change: () => T, lasting: boolean): T {
  if (lasting) db.exec('PRAGMA synchronous = FULL');
  try {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      db.exec('COMMIT');
      return result;
    } catch (caught) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw caught;
    }
  } finally {
    if (lasting && db.isOpen) db.exec('PRAGMA synchronous = NORMAL');
  }
}

/** SQLITE_BUSY (5) and SQLITE_LOCKED (6), extended codes included. */
function isBusy(caught: unknown): boolean {
  const code = (caught as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' && ((code & 0xff) === 5 || (code & 0xff) === 6);
}

function guarded<T>(query: () => T): T {
  try {
    return query();
  } catch (caught) {
    if (caught instanceof Problem) throw caught;
    throw storeUnavailable(caught);
  }
}
