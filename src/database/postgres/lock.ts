/** A lock that one instance holds for as long as it runs. */
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import { createServer, POSTGRES_TIMING } from './server.ts';

/** Takes the lock; null while another instance has it. It ends with the connection, however that ends. */
export async function holdPostgresLock(
  address: PostgresAddress,
  name: string,
): Promise<(() => void) | null> {
  const server = await createServer(address, 'public', POSTGRES_TIMING);
  const client = await server.connect(POSTGRES_TIMING.statement);
  const { rows } = await client.query(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
    [`doorward ${name}`],
  );
  if (rows[0]?.held === true) return () => void client.end();
  await client.end();
  return null;
}
