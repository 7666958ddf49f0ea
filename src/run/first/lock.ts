/** Which gateway invites the first administrator: the one that takes this lock. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import { holdPostgresLock } from '../../database/postgres/lock.ts';

const LOCK_FILE = 'first-run.lock';
/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** The lock of a folder, or of a database that several machines share; null while another gateway has it. */
export async function firstRunLock(
  dataDir: string,
  database: PostgresAddress | null,
): Promise<(() => void) | null> {
  if (database !== null) return holdPostgresLock(database, 'first-run');
  return lockFile(join(dataDir, LOCK_FILE));
}

/**
 * Locks a file until it is released or the process is gone, however it went; null while another
 * process has it. Node has no lock of its own, so it is one of SQLite's on an empty database.
 */
function lockFile(path: string): (() => void) | null {
  const db = new DatabaseSync(path, { timeout: 0, allowExtension: false });
  try {
    chmodSync(path, 0o600);
    db.exec('BEGIN EXCLUSIVE');
  } catch (caught) {
    db.close();
    if (caught instanceof Error && 'errcode' in caught && caught.errcode === SQLITE_BUSY)
      return null;
    throw caught;
  }
  return () => db.close();
}
