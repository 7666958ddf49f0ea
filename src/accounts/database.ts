/**
 * The file of the accounts: opened 0600, brought up to date, every fault of it a Problem. Shared by
 * all processes of one machine; never for a network file system.
 */
import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../core/problem.ts';
import { MIGRATIONS } from './schema.ts';

/** One open file. */
export interface Database {
  prepare(sql: string): StatementSync;
  /** Problem `accounts/unavailable` for any fault; Problems of `query` pass through. */
  read<T>(query: () => T): T;
  /** One transaction, on the disk before this resolves. Problems of `change` pass through. */
  write<T>(change: () => T): Promise<T>;
  close(): void;
}

/** Milliseconds SQLite may block the event loop on a lock; beyond it we step aside. */
const BLOCK = 50;
/** Attempts with pauses between: some two seconds in all. */
const ATTEMPTS = 25;

/** Opens or makes the file. Problems `accounts/unusable` and `accounts/newer` name the remedy. */
export function openDatabase(path: string): Database {
  const db = openFile(path);
  return {
    prepare: (sql) => db.prepare(sql),
    read(query) {
      try {
        return query();
      } catch (caught) {
        throw caught instanceof Problem ? caught : unavailable(caught);
      }
    },
    async write(change) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return transaction(db, change);
        } catch (caught) {
          if (caught instanceof Problem) throw caught;
          if (!isBusy(caught) || attempt >= ATTEMPTS) throw unavailable(caught);
        }
        await delay(10 + (attempt % 5) * 10);
      }
    },
    close() {
      if (db.isOpen) db.close();
    },
  };
}

/** SQLITE_CONSTRAINT (19), extended codes included: what is there already. */
export function isConflict(caught: unknown): boolean {
  return (codeOf(caught) & 0xff) === 19;
}

function openFile(path: string): DatabaseSync {
  try {
    // SQLite gives its journal files the mode of the file itself, so that one must be right first.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    const db = new DatabaseSync(path, { timeout: 2_000, allowExtension: false });
    // What is deleted is overwritten: a secret that was removed is not left in a free page.
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;
      PRAGMA secure_delete = ON;`);
    migrate(db, path);
    db.exec(`PRAGMA busy_timeout = ${BLOCK}`);
    return db;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const remedy = 'Make data_dir writable for this user, or restore the file from a backup.';
    throw new Problem('accounts/unusable', `The accounts file ${path} cannot be used. ${remedy}`, {
      status: 503,
      cause,
    });
  }
}

/** Several processes may start at once: the version is read again under the lock. */
function migrate(db: DatabaseSync, path: string): void {
  transaction(db, () => {
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > MIGRATIONS.length) {
      throw new Problem(
        'accounts/newer',
        `The accounts file ${path} was written by a newer release. Run that one.`,
        { status: 503 },
      );
    }
    if (version === MIGRATIONS.length) return;
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function transaction<T>(db: DatabaseSync, change: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    db.exec('COMMIT');
    return result;
  } catch (caught) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw caught;
  }
}

/** SQLITE_BUSY (5) and SQLITE_LOCKED (6), extended codes included. */
function isBusy(caught: unknown): boolean {
  const code = codeOf(caught) & 0xff;
  return code === 5 || code === 6;
}

function codeOf(caught: unknown): number {
  const code = (caught as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : 0;
}

function unavailable(cause: unknown): Problem {
  return new Problem('accounts/unavailable', 'The store of accounts does not answer.', {
    status: 503,
    retryAfter: 5,
    cause,
  });
}
