/** Opens an SQLite file with mode 0600 and migrates it. A file that cannot be used says why, and how to fix it. */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../core/values/problem.ts';
import type { DatabaseKind } from './kind.ts';
import { heldBy, migrateFile } from './migrate-file.ts';
import type { Held } from './newer.ts';
import type { Row } from './sql.ts';
import { startFault, startWords } from './start-fault.ts';

/** An open file. */
export interface OpenFile {
  readonly db: DatabaseSync;
  readonly inode: number;
}

/**
 * Pages of the write-ahead log before they go into the database, and bytes of it that are kept: small,
 * so that on a full disk the reserve has room for them and the log can start over.
 */
const CHECKPOINT = 200;
const MAX_LOG = 1024 * 1024;

/** How long SQLite waits for a lock while it opens a file, in milliseconds. */
const OPENING = 2_000;

/**
 * Opens or creates the file. Problems `…/unusable` and `…/newer` name it, the cause and the remedy.
 * `makeRoom` frees disk space, and returns false if there is none left to free.
 */
export function openFile(path: string, kind: DatabaseKind, makeRoom: () => boolean): OpenFile {
  let db: DatabaseSync | null = null;
  try {
    // SQLite gives its journal files the mode of the file itself, so that one must be right first.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    db = new DatabaseSync(path, { timeout: OPENING, allowExtension: false });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${kind.lasting ? 'FULL' : 'NORMAL'};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT}; PRAGMA journal_size_limit = ${MAX_LOG};
      PRAGMA trusted_schema = OFF; ${kind.pragmas}`);
    migrateFile(db, path, kind);
    db.exec(`PRAGMA busy_timeout = ${kind.block}`);
    return { db, inode: statSync(path).ino };
  } catch (caught) {
    if (db?.isOpen === true) db.close();
    if (caught instanceof Problem) throw caught;
    const fault = startFault(path, caught);
    // An operator who starts the gateway on a full disk may want to end sessions.
    if (fault === 'full' && makeRoom()) return openFile(path, kind, () => false);
    const words = startWords(path, fault, caught, kind.loss);
    throw unusable(kind, `The ${kind.name} ${path} cannot be used. ${words}`, caught);
  }
}

/**
 * Reads a file as it is: neither migrated nor created.
 * Problem `…/unusable`.
 */
export function inspectFile<T>(
  path: string,
  kind: DatabaseKind,
  read: (rowsOf: (sql: string) => readonly Row[], held: Held) => T,
): T {
  try {
    using db = new DatabaseSync(path, { readOnly: true, timeout: OPENING, allowExtension: false });
    return read((sql) => db.prepare(sql).all(), heldBy(db));
  } catch (cause) {
    throw unusable(kind, `The ${kind.name} ${path} cannot be read.`, cause);
  }
}

function unusable({ code }: DatabaseKind, message: string, cause: unknown): Problem {
  return new Problem(`${code}/unusable`, message, { status: 503, cause });
}
