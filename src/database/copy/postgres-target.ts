/** Postgres as the target of a copy: all of it is one transaction. */
import { type PostgresAddress, describePostgres } from '../../core/setup/postgres-address.ts';
import { Problem } from '../../core/values/problem.ts';
import type { DatabaseKind } from '../kind.ts';
import { isReply } from '../postgres/fault.ts';
import { excludeUsers } from '../postgres/lock.ts';
import { createPostgresTables, schemaName } from '../postgres/migrate.ts';
import { connectOnce } from '../postgres/server.ts';
import { parametersOf } from '../postgres/statement.ts';
import type { Row } from '../sql.ts';
import { inUse, notEmpty, type Target, valuesOf } from './place.ts';
import { postgresRows } from './postgres-rows.ts';
import type { Table } from './tables.ts';

/** Refuses a database with anything in the schemas of these kinds, or with gateways that use them. */
export async function openPostgresTarget(
  address: PostgresAddress,
  kinds: readonly DatabaseKind[],
): Promise<Target> {
  const place = describePostgres(address);
  const client = await connectOnce(address);
  try {
    await client.query('BEGIN');
    for (const kind of kinds) {
      const schema = schemaName(kind);
      // A gateway that starts meanwhile waits for the same lock, and then finds all of it or nothing.
      if (!(await excludeUsers(client, schema))) throw inUse(`The ${place}`);
      const { rowCount } = await client.query(
        'SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace($1) LIMIT 1',
        [schema],
      );
      if (rowCount !== 0) {
        const names = kinds.map(schemaName).join(', ');
        const remedy = `If you do not need what it has: DROP SCHEMA ${names} CASCADE.`;
        throw notEmpty(`The ${place} has tables in the schema ${schema}`, remedy);
      }
    }
  } catch (caught) {
    await client.end();
    throw caught;
  }
  return {
    async create(kind, tables) {
      const schema = schemaName(kind);
      await client.query(`SET LOCAL search_path = ${schema}, pg_temp`);
      await createPostgresTables(client, kind, 0);
      // Migrations put rows of their own into new tables.
      for (const { name } of tables) await client.query(`DELETE FROM ${schema}.${name}`);
    },
    async put(kind, table, rows) {
      const values = rows.flatMap((row) => valuesOf(row, table));
      const text = insertInto(`${schemaName(kind)}.${table.name}`, table, rows);
      await client.query({ text, values: [...parametersOf({ values })] });
    },
    rows: (kind, table) => postgresRows(client, schemaName(kind), table),
    async commit() {
      try {
        await client.query('COMMIT');
      } catch (cause) {
        throw isReply(cause) ? cause : unknownOutcome(place, cause);
      }
    },
    close: () => client.end(),
  };
}

/** Only a reply proves that a transaction was not committed. */
function unknownOutcome(place: string, cause: unknown): Problem {
  const message = `The connection was lost while the copy was committed: the ${place} has all of it or nothing. See doorward database version.`;
  return new Problem('database/copy-unknown', message, { status: 503, cause });
}

function insertInto(name: string, { columns }: Table, rows: readonly Row[]): string {
  const tuples = rows.map((_, row) => {
    const places = columns.map((__, column) => `$${row * columns.length + column + 1}`);
    return `(${places.join(', ')})`;
  });
  return `INSERT INTO ${name} (${columns.join(', ')}) VALUES ${tuples.join(', ')}`;
}
