/**
 * Creates the tables of one part of the database, or brings them up to date. The version is that of the
 * SQLite file with the same tables; they are always changed as a whole or not at all.
 */
import { Problem } from '../../core/values/problem.ts';
import type { Client } from 'pg';
import type { DatabaseKind } from '../kind.ts';
import { integer } from '../rows.ts';
import { schemaOf } from './statement.ts';

/** The Postgres schema that holds the tables of a kind. */
export function schemaName({ code }: Pick<DatabaseKind, 'code'>): string {
  return `doorward_${code}`;
}

/** Makes writes to one part of the database wait for each other, over all instances. Held until a transaction ends. */
export function lockStatement(schema: string): string {
  return `SELECT pg_advisory_xact_lock(hashtextextended('${schema}', 0))`;
}

/** Problem `…/newer` for tables of a newer release. Several instances may start at once: one of them migrates. */
export async function migratePostgres(client: Client, kind: DatabaseKind): Promise<void> {
  const schema = schemaName(kind);
  await client.query(`BEGIN; ${lockStatement(schema)}`);
  const version = await readVersion(client, schema);
  const { migrations } = kind;
  if (version > migrations.length) throw newer(kind, schema);
  if (version === 0) {
    // A schema that an administrator made for us needs no right to make schemas.
    if (!(await isThere(client, schema))) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query('CREATE TABLE schema_version (version bigint NOT NULL)');
    await client.query('INSERT INTO schema_version (version) VALUES (0)');
  }
  for (const migration of migrations.slice(version)) {
    await client.query(typeof migration === 'string' ? schemaOf(migration) : migration.postgres);
  }
  await client.query(`UPDATE schema_version SET version = ${migrations.length}`);
  await client.query('COMMIT');
}

/** The version of the tables; 0 if there are none. */
async function readVersion(client: Client, schema: string): Promise<number> {
  const table = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [
    `${schema}.schema_version`,
  ]);
  if (table.rows[0]?.there !== true) return 0;
  const { rows } = await client.query('SELECT version FROM schema_version');
  return integer(rows[0] ?? {}, 'version');
}

async function isThere(client: Client, schema: string): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS there', [schema]);
  return rows[0]?.there === true;
}

function newer({ code, newer: remedy }: DatabaseKind, schema: string): Problem {
  const message = `The Postgres schema ${schema} was written by a newer release. ${remedy}`;
  return new Problem(`${code}/newer`, message, { status: 503 });
}
