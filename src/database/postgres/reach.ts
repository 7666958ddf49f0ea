/** Whether a database can be reached right now, for `check`. */
import { describePostgres, type PostgresAddress } from '../../core/setup/postgres-address.ts';
import { createServer, POSTGRES_TIMING } from './server.ts';

/** Connects and reads; why it failed, or null. Never rejects. */
export async function reachPostgres(address: PostgresAddress): Promise<string | null> {
  try {
    const server = await createServer(address, 'public', POSTGRES_TIMING);
    const client = await server.connect(POSTGRES_TIMING.read);
    try {
      await client.query('SELECT 1');
    } finally {
      await client.end();
    }
    return null;
  } catch (caught) {
    // Named fallback: the advice says that a start would fail right now.
    const why = caught instanceof Error ? caught.message : 'unknown fault';
    return `The ${describePostgres(address)} cannot be reached: ${why}.`;
  }
}
