/** The tables of a kind, as its migrations make them: a copy that knew them by itself could forget one. */
import { DatabaseSync } from 'node:sqlite';
import type { DatabaseKind } from '../kind.ts';
import { createTables } from '../migrate-file.ts';
import { text } from '../rows.ts';

/** One table. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

// The release is the target's own.
const NAMES = `SELECT name FROM sqlite_schema
  WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name <> 'written_by' ORDER BY name`;

/** All tables with all their columns. */
export function tablesOf(kind: DatabaseKind): readonly Table[] {
  using db = new DatabaseSync(':memory:', { allowExtension: false });
  createTables(db, kind, 0);
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)');
  return db
    .prepare(NAMES)
    .all()
    .map((row) => {
      const name = text(row, 'name');
      return { name, columns: columns.all(name).map((column) => text(column, 'name')) };
    });
}
