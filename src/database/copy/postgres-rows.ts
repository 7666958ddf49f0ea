/** Reads the rows of Postgres tables. */
import type { Client } from 'pg';
import type { Row } from '../sql.ts';
import { PIECE } from './place.ts';
import type { Table } from './tables.ts';

/** All rows of a table, in pieces; within a transaction. */
export async function* postgresRows(
  client: Client,
  schema: string,
  { name, columns }: Table,
): AsyncGenerator<readonly Row[]> {
  const list = columns.join(', ');
  await client.query(`DECLARE piece NO SCROLL CURSOR FOR SELECT ${list} FROM ${schema}.${name}`);
  for (;;) {
    const { rows } = await client.query(`FETCH ${PIECE} FROM piece`);
    if (rows.length > 0) yield rows;
    if (rows.length < PIECE) break;
  }
  await client.query('CLOSE piece');
}
