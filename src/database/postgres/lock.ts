/** Locks over all instances of one database. They end with their connection, however that ends. */
import type { Client } from 'pg';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import { connectOnce, POSTGRES_TIMING } from './server.ts';

/** Takes a lock for as long as this instance runs; null while another one has it. */
export async function holdPostgresLock(
  address: PostgresAddress,
  name: string,
): Promise<(() => void) | null> {
  const client = await connectOnce(address);
  if (await isTaken(client, 'pg_try_advisory_lock', `doorward ${name}`))
    return () => void client.end();
  await client.end();
  return null;
}

/** Runs work while no other instance runs work under this name. */
export async function underPostgresLock<T>(
  address: PostgresAddress,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const client = await connectOnce(address);
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`doorward ${name}`]);
    return await work();
  } finally {
    await client.end();
  }
}

/**
 * Notes for as long as the connection lasts that this instance uses a part; false while a copy excludes it.
 * `limit`: how long the reply may take, in milliseconds.
 */
export async function joinUsers(client: Client, schema: string, limit: number): Promise<boolean> {
  return isTaken(client, 'pg_try_advisory_lock_shared', `${schema} in use`, limit);
}

/**
 * Keeps instances from using a part, and every change from running, for as long as the connection lasts; false if
 * one is there.
 */
export async function excludeUsers(client: Client, schema: string): Promise<boolean> {
  return (
    (await isTaken(client, 'pg_try_advisory_lock', `${schema} in use`)) &&
    // The lock of changes (migrate.ts).
    (await isTaken(client, 'pg_try_advisory_lock', schema))
  );
}

async function isTaken(
  client: Client,
  lock: string,
  name: string,
  limit: number = POSTGRES_TIMING.migration,
): Promise<boolean> {
  const text = `SELECT ${lock}(hashtextextended($1, 0)) AS taken`;
  const statement = { text, values: [name], query_timeout: limit };
  const { rows } = await client.query(statement);
  return rows[0]?.taken === true;
}
