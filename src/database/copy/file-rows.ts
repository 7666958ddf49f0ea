/** Reads and writes the rows of SQLite files. */
import type { DatabaseSync } from 'node:sqlite';
import type { Row } from '../sql.ts';
import { PIECE } from './place.ts';
import type { Table } from './tables.ts';

/** All rows of a table, in pieces. */
export async function* fileRows(db: DatabaseSync, table: Table): AsyncGenerator<readonly Row[]> {
  let piece: Row[] = [];
  for (const row of db.prepare(`SELECT ${table.columns.join(', ')} FROM ${table.name}`).iterate()) {
    piece.push(row);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
