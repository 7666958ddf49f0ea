/**
 * Creates the tables of one part of the database, or brings them up to date. The version is that of the
 * SQLite file with the same tables; they are always changed as a whole or not at all.
 */
import type { Client } from 'pg';
import { Problem } from '../../core/values/problem.ts';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import type { DatabaseKind } from '../kind.ts';
import { type Held, RELEASE, refuseNewer, releaseName, WRITTEN_BY } from '../newer.ts';
import { integer } from '../rows.ts';
import { connectOnce } from './server.ts';
import { schemaOf } from './statement.ts';

/** The Postgres schema that holds the tables of a kind. */
export function schemaName({ code }: Pick<DatabaseKind, 'code'>): string {
  return `doorward_${code}`;
}

/** The version of the tables. */
export const VERSION = 'SELECT version FROM schema_version';

/** Makes writes to one part of the database wait for each other, over all instances. Held until a transaction ends. */
export function lockStatement(schema: string): string {
  return `SELECT pg_advisory_xact_lock(hashtextextended('${schema}', 0))`;
}

/** Problem `…/newer` for tables of a newer release. Several instances may start at once: one of them migrates. */
export async function migratePostgres(client: Client, kind: DatabaseKind): Promise<void> {
  const schema = schemaName(kind);
  await client.query(`BEGIN; ${lockStatement(schema)}`);
  const held = await heldByPostgres(client, schema);
  refuseNewer(kind, `The Postgres schema ${schema}`, held);
  if (held.version < kind.migrations.length) await createPostgresTables(client, kind, held.version);
  await client.query('COMMIT');
}

/** Runs the migrations after a version, within the caller's transaction, in which the schema is the first on the path. */
export async function createPostgresTables(
  client: Client,
  kind: DatabaseKind,
  version: number,
): Promise<void> {
  const schema = schemaName(kind);
  const { migrations } = kind;
  if (version === 0) {
    // A schema that an administrator made for us needs no right to make schemas.
    if (!(await isThere(client, schema))) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query('CREATE TABLE schema_version (version bigint NOT NULL)');
    await client.query('INSERT INTO schema_version (version) VALUES (0)');
  }
  for (const migration of migrations.slice(version)) {
    await client.query(typeof migration === 'string' ? schemaOf(migration) : migration.postgres);
  }
  await client.query(`${schemaOf(WRITTEN_BY)}; DELETE FROM written_by`);
  await client.query('INSERT INTO written_by (release) VALUES ($1)', [RELEASE]);
  await client.query(`UPDATE schema_version SET version = ${migrations.length}`);
  // Instances of the former release look at once.
  await client.query(`SELECT pg_notify('${schema}', '')`);
}

/** What the schema holds. */
export async function heldByPostgres(client: Client, schema: string): Promise<Held> {
  if (!(await isTable(client, `${schema}.schema_version`))) return { version: 0, release: null };
  const { rows } = await client.query(`SELECT version FROM ${schema}.schema_version`);
  const isNamed = await isTable(client, `${schema}.written_by`);
  const named = isNamed ? await client.query(`SELECT release FROM ${schema}.written_by`) : null;
  return {
    version: integer(rows[0] ?? {}, 'version'),
    release: releaseName(named?.rows[0]?.release),
  };
}

async function isTable(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [name]);
  return rows[0]?.there === true;
}

async function isThere(client: Client, schema: string): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regnamespace($1) IS NOT NULL AS there', [schema]);
  return rows[0]?.there === true;
}

/**
 * Refuses tables that were changed while this release runs. Problem `…/newer`; `…/older` if a backup of an
 * older release was restored.
 */
export function refuseOther(kind: DatabaseKind, version: number): void {
  const name = `The Postgres schema ${schemaName(kind)}`;
  refuseNewer(kind, name, { version, release: null });
  if (version === kind.migrations.length) return;
  const message = `${name} is one of an older release. Restart this gateway, which brings it up to date.`;
  throw new Problem(`${kind.code}/older`, message, { status: 503 });
}

/** What the schemas of these kinds hold; changes nothing. */
export async function inspectPostgres(
  address: PostgresAddress,
  kinds: readonly DatabaseKind[],
): Promise<readonly Held[]> {
  const client = await connectOnce(address);
  try {
    await client.query('BEGIN READ ONLY');
    const held: Held[] = [];
    for (const kind of kinds) held.push(await heldByPostgres(client, schemaName(kind)));
    return held;
  } finally {
    await client.end();
  }
}
