/** Postgres as the origin of a copy: one snapshot, while nothing can be changed and no gateway is connected. */
import { type PostgresAddress, describePostgres } from '../../core/setup/postgres-address.ts';
import type { DatabaseKind } from '../kind.ts';
import { excludeUsers } from '../postgres/lock.ts';
import { heldByPostgres, schemaName } from '../postgres/migrate.ts';
import { connectOnce } from '../postgres/server.ts';
import { inUse, nothingThere, type Origin, refuseOtherVersion } from './place.ts';
import { postgresRows } from './postgres-rows.ts';

/** Locks the parts that are there, until the origin is closed. */
export async function openPostgresOrigin(
  address: PostgresAddress,
  kinds: readonly DatabaseKind[],
): Promise<Origin> {
  const place = `The ${describePostgres(address)}`;
  const client = await connectOnce(address);
  const there = new Set<DatabaseKind>();
  try {
    for (const kind of kinds) {
      // Before the snapshot: a change that was still running would be missing in it.
      if (!(await excludeUsers(client, schemaName(kind)))) throw inUse(place);
    }
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const [index, kind] of kinds.entries()) {
      const schema = schemaName(kind);
      const held = await heldByPostgres(client, schema);
      if (held.version > 0) {
        refuseOtherVersion(kind, `The Postgres schema ${schema}`, held);
        there.add(kind);
      } else if (index === 0) throw nothingThere(`${place} has no tables`);
    }
  } catch (caught) {
    await client.end();
    throw caught;
  }
  return {
    has: (kind) => there.has(kind),
    rows: (kind, table) => postgresRows(client, schemaName(kind), table),
    close: () => client.end(),
  };
}
