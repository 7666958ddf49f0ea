/**
 * Connections to one Postgres database: a few that are shared, and single ones that are held. Every wait
 * has an end, so a server that does not answer is a fault and never a hanging request.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { Client, ClientConfig, PoolClient } from 'pg';
import { Problem } from '../../core/values/problem.ts';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import { isReply } from './fault.ts';
import { columnTypes } from './statement.ts';

/** Milliseconds. */
export interface PostgresTiming {
  /** How long a connection may take, a free one of the shared ones included. */
  readonly connect: number;
  /** How long one statement that reads may take. */
  readonly read: number;
  /** How long one statement of a change may take, waiting for other instances included. */
  readonly statement: number;
  /** How long a change waits for earlier ones of this process. */
  readonly turn: number;
  /** How long one statement of a migration may take. */
  readonly migration: number;
  /** Between two looks for changes if none is announced. */
  readonly beat: number;
  /** After this long without a look, nothing cached is believed. */
  readonly silence: number;
}

export const POSTGRES_TIMING: PostgresTiming = {
  connect: 2_000,
  read: 2_000,
  statement: 5_000,
  turn: 5_000,
  migration: 300_000,
  beat: 500,
  silence: 2_000,
};

/** Most shared connections: one for changes, the rest for reading. */
const MOST_CONNECTIONS = 5;
/** How much longer than the server we wait for a statement that it should have ended, in milliseconds. */
const GRACE = 1_000;

/** The connections of one part of a database. */
export interface Server {
  /** Runs work on a shared connection, which is closed if the server did not reply. */
  use<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** A connection of its own; the caller's to end. `statement`: as in the timing. */
  connect(statement: number): Promise<Client>;
  /** Ends the shared connections once they are free. */
  close(): void;
}

/** Prepares connections; opens none. Loads the driver, which gateways with a file do not need. */
export async function createServer(
  address: PostgresAddress,
  schema: string,
  timing: PostgresTiming,
): Promise<Server> {
  const { default: pg } = await import('pg');
  const options = (statement: number): ClientConfig => ({
    ...clientConfig(address, schema, timing, statement),
    types: columnTypes(pg.types.getTypeParser),
  });
  const pool = new pg.Pool({ ...options(timing.statement), max: MOST_CONNECTIONS });
  // A lost connection shows in the statement that needs it; one without a statement is no fault.
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return {
    use: (work) => useOne(() => pool.connect(), work),
    async connect(statement) {
      const client = new pg.Client(options(statement));
      client.on('error', ignore);
      await client.connect();
      return client;
    },
    close() {
      if (!pool.ending) void pool.end();
    },
  };
}

function ignore(): void {}

async function useOne<T>(
  connect: () => Promise<PoolClient>,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connect();
  let isSound = false;
  try {
    const result = await work(client);
    isSound = true;
    return result;
  } catch (caught) {
    isSound = caught instanceof Problem || isReply(caught);
    throw caught;
  } finally {
    client.release(!isSound);
  }
}

function clientConfig(
  address: PostgresAddress,
  schema: string,
  { connect }: PostgresTiming,
  statement: number,
): ClientConfig {
  const { host, port, name, user, password, tls } = address;
  return {
    host,
    port,
    user,
    database: name,
    password,
    ssl: tls === null ? false : tlsOptions(tls),
    application_name: 'doorward',
    // Names without a schema are ours and no others, whatever the settings of the role.
    options: `-c search_path=${schema},pg_temp`,
    keepAlive: true,
    connectionTimeoutMillis: connect,
    query_timeout: statement + GRACE,
    statement_timeout: statement,
    // A process that was suspended within a change must not keep the others waiting.
    idle_in_transaction_session_timeout: statement,
  };
}

function tlsOptions({ mode, rootCert }: NonNullable<PostgresAddress['tls']>): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    ...(rootCert === null ? {} : { ca: readFileSync(rootCert) }),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}
