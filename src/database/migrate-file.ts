/** Creates the tables of an SQLite file, or brings them up to date: as a whole or not at all. */
import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../core/values/problem.ts';
import { keepCopy } from './copy-before.ts';
import type { DatabaseKind } from './kind.ts';
import { type Held, RELEASE, refuseNewer, releaseName, WRITTEN_BY } from './newer.ts';
import { integer } from './rows.ts';
import type { Row } from './sql.ts';
import { startFault, startWords } from './start-fault.ts';
import { syncedTransaction, transaction } from './transaction.ts';

/**
 * Problems `…/newer`, and `…/unusable` if no copy can be kept of tables that are upgraded. Several processes may
 * start at once: the version is read again under the lock.
 */
export function migrateFile(db: DatabaseSync, path: string, kind: DatabaseKind): void {
  if (versionOf(db) === kind.migrations.length) return;
  const step = (): void => {
    const held = heldBy(db);
    refuseNewer(kind, `The ${kind.name} ${path}`, held);
    if (held.version === kind.migrations.length) return;
    if (held.version > 0 && kind.lasting) copyOrRefuse(path, kind);
    createTables(db, kind, held.version);
  };
  if (kind.lasting) transaction(db, step);
  else syncedTransaction(db, step);
}

/** Runs the migrations after a version, within the caller's transaction. */
export function createTables(db: DatabaseSync, kind: DatabaseKind, version: number): void {
  for (const [name, compute] of Object.entries(kind.functions ?? {})) {
    db.function(name, { deterministic: true }, (text) => compute(String(text)));
  }
  for (const migration of kind.migrations.slice(version)) {
    db.exec(typeof migration === 'string' ? migration : migration.sqlite);
  }
  db.exec(`${WRITTEN_BY} STRICT; DELETE FROM written_by`);
  db.prepare('INSERT INTO written_by (release) VALUES (?)').run(RELEASE);
  db.exec(`PRAGMA user_version = ${kind.migrations.length}`);
}

/** What the file holds. */
export function heldBy(db: DatabaseSync): Held {
  const found: readonly Row[] = db
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'written_by'")
    .all();
  const stored = found.length === 0 ? {} : db.prepare('SELECT release FROM written_by').get();
  return { version: versionOf(db), release: releaseName(stored?.['release']) };
}

function versionOf(db: DatabaseSync): number {
  return integer(db.prepare('PRAGMA user_version').get() ?? {}, 'user_version');
}

function copyOrRefuse(path: string, kind: DatabaseKind): void {
  try {
    keepCopy(path, kind.migrations.length);
  } catch (cause) {
    const words = startWords(path, startFault(path, cause), cause, kind.loss);
    const message = `The ${kind.name} ${path} is not upgraded, because no copy of it could be made first. ${words}`;
    throw new Problem(`${kind.code}/unusable`, message, { status: 503, cause });
  }
}
