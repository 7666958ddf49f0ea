/** One SQLite transaction. */
import type { DatabaseSync } from 'node:sqlite';

/** Commits what `change` wrote, or nothing of it if it throws. */
export function transaction<T>(db: DatabaseSync, change: () => T): T {
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

/** The same in a file that does not wait for the disk otherwise (`synchronous = NORMAL`): for once, it does. */
export function syncedTransaction<T>(db: DatabaseSync, change: () => T): T {
  db.exec('PRAGMA synchronous = FULL');
  try {
    return transaction(db, change);
  } finally {
    if (db.isOpen) db.exec('PRAGMA synchronous = NORMAL');
  }
}
