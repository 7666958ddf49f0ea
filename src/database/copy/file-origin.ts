/** Files as the origin of a copy. They are locked as a whole, which succeeds only if nothing else has them open. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '../fault.ts';
import type { DatabaseKind } from '../kind.ts';
import { heldBy } from '../migrate-file.ts';
import { fileRows } from './file-rows.ts';
import { inUse, nothingThere, type Origin, type Part, refuseOtherVersion } from './place.ts';

/** Locks the files that are there, until the origin is closed. */
export function openFileOrigin(parts: readonly Part[]): Origin {
  const open = new Map<DatabaseKind, DatabaseSync>();
  const close = (): void => {
    for (const db of open.values()) db.close();
  };
  const opened = (kind: DatabaseKind): DatabaseSync => {
    const db = open.get(kind);
    if (db === undefined) throw new TypeError(`${kind.name} is not part of the origin`);
    return db;
  };
  try {
    for (const [index, part] of parts.entries()) {
      const isThere = (statSync(part.file, { throwIfNoEntry: false })?.size ?? 0) > 0;
      if (isThere) open.set(part.kind, lockedFile(part));
      else if (index === 0) throw nothingThere(`The file ${part.file} is missing or empty`);
    }
  } catch (caught) {
    close();
    throw caught;
  }
  return {
    has: (kind) => open.has(kind),
    rows: (kind, table) => fileRows(opened(kind), table),
    close: async () => close(),
  };
}

function lockedFile({ kind, file }: Part): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 0, allowExtension: false });
  try {
    // In WAL mode, every connection holds a lock for as long as it is open, and this one excludes all of them.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; BEGIN EXCLUSIVE');
    refuseOtherVersion(kind, `The ${kind.name} ${file}`, heldBy(db));
    return db;
  } catch (caught) {
    db.close();
    throw isBusy(caught) ? inUse(`The ${kind.name} ${file}`) : caught;
  }
}
