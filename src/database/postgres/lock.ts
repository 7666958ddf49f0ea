/** Locks over all instances of one database. They end with their connection, however that ends. */
import type { Client } from 'pg';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import { createServer, POSTGRES_TIMING } from './server.ts';

/** Takes a lock for as long as this instance runs; null while another one has it. */
export async function holdPostgresLock(
  address: PostgresAddress,
  name: string,
): Promise<(() => void) | null> {
  const client = await connect(address);
  const { rows } = await client.query(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
    [`doorward ${name}`],
  );
  if (rows[0]?.held === true) return () => void client.end();
  await client.end();
  return null;
}

/** Runs work while no other instance runs work under this name. */
export async function underPostgresLock<T>(
  address: PostgresAddress,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const client = await connect(address);
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`doorward ${name}`]);
    return await work();
  } finally {
    await client.end();
  }
}

async function connect(address: PostgresAddress): Promise<Client> {
  const server = await createServer(address, 'public', POSTGRES_TIMING);
  return server.connect(POSTGRES_TIMING.migration);
}
