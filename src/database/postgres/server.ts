/**
 * Connections to one Postgres database: a few that are shared, and single ones that are held. Every wait
 * has an end, so a server that does not answer is a fault and never a hanging request.
 */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Client, ClientBase, ClientConfig, Pool, PoolClient, QueryResult } from 'pg';
import { Problem } from '../../core/values/problem.ts';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import { type Circuit, createCircuit } from './circuit.ts';
import { connectionLost, isReply } from './fault.ts';
import { columnTypes } from './statement.ts';

/** Milliseconds. */
export interface PostgresTiming {
  /** How long a connection may take, a free one of the shared ones included. */
  readonly connect: number;
  /** How long a read may take, the wait for a connection included. */
  readonly read: number;
  /** How long one statement of a change may take, waiting for other instances included. */
  readonly statement: number;
  /**
   * How long a change may do nothing between two statements. Shorter than `statement`: those of other
   * instances wait for it to end.
   */
  readonly idle: number;
  /** How long a change waits for earlier ones of this process. */
  readonly turn: number;
  /** How long one statement of a migration may take. */
  readonly migration: number;
  /** Between two looks for changes if none is announced. */
  readonly beat: number;
  /** How long a look may take. With `beat`, no longer than `silence`. */
  readonly look: number;
  /** After this long without a look, nothing cached is believed. */
  readonly silence: number;
}

export const POSTGRES_TIMING: PostgresTiming = {
  connect: 2_000,
  read: 2_000,
  statement: 5_000,
  idle: 2_000,
  turn: 5_000,
  migration: 300_000,
  beat: 500,
  look: 1_500,
  silence: 2_000,
};

/** Most shared connections: one for changes, the rest for reading. */
const MOST_CONNECTIONS = 5;
/** How much longer than the server we wait for a statement that it should have ended, in milliseconds. */
const GRACE = 1_000;
/** The server notices after 25 s that a machine is gone: it may hold a lock. */
const KEEPALIVES = [
  '-c tcp_keepalives_idle=10',
  '-c tcp_keepalives_interval=5',
  '-c tcp_keepalives_count=3',
];

/** The connections of one part of a database. */
export interface Server {
  /**
   * Runs work on a shared connection, which is closed if the server did not reply. Rejects at once while
   * the circuit is open.
   */
  use<T>(work: (client: ClientBase) => Promise<T>): Promise<T>;
  /** A connection of its own; the caller's to end. `statement`: as in the timing. */
  connect(statement: number): Promise<Client>;
  /** The same, but the process ends without waiting for it: the server may hang. */
  connectLoosely(statement: number): Promise<Client>;
  readonly circuit: Pick<Circuit, 'open' | 'close'>;
  /** Replaces the shared connections: they may lead to a server that has been replaced by another one. */
  renew(): void;
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
  const circuit = createCircuit();
  const openPool = (): Pool => {
    const pool = new pg.Pool({
      ...options(timing.statement),
      max: MOST_CONNECTIONS,
      // Nor does the end of the process wait for a server that hangs.
      allowExitOnIdle: true,
      verify: (client, done) =>
        client.query(ROLE, (caught: Error | null, result) => done(caught ?? replicaFault(result))),
    });
    // A lost connection shows in the statement that needs it; one without a statement is no fault.
    pool.on('error', ignore);
    pool.on('connect', (client) => client.on('error', ignore));
    return pool;
  };
  let pool = openPool();
  const end = (): void => void (pool.ending || pool.end());
  async function connect(statement: number, stream?: () => Socket): Promise<Client> {
    const client = new pg.Client({ ...options(statement), ...(stream && { stream }) });
    client.on('error', ignore);
    await client.connect();
    const fault = replicaFault(await client.query(ROLE));
    if (fault === undefined) return client;
    await client.end();
    throw fault;
  }
  return {
    use: (work) => useOne(pool, circuit, work),
    connect: (statement) => connect(statement),
    async connectLoosely(statement) {
      const socket = new Socket();
      const client = await connect(statement, () => socket);
      socket.unref();
      return client;
    },
    circuit,
    renew() {
      end();
      pool = openPool();
      circuit.cut();
    },
    close: end,
  };
}

/** One connection without a schema, for locks, looks and copies; the caller's to end. */
export async function connectOnce(address: PostgresAddress): Promise<Client> {
  const { migration } = POSTGRES_TIMING;
  // Between two statements of a copy lies the work of the other end.
  const server = await createServer(address, 'public', { ...POSTGRES_TIMING, idle: migration });
  return server.connect(migration);
}

function ignore(): void {}

/** A replica may lag behind, or be cut off: a user whom it knows may have been disabled long ago. */
const ROLE = 'SELECT pg_is_in_recovery() AS replica';

function replicaFault({ rows }: QueryResult): Error | undefined {
  return rows[0]?.replica === false ? undefined : new Error('the server is a replica');
}

async function useOne<T>(
  pool: Pool,
  circuit: Circuit,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  circuit.check();
  const { client, stop } = await borrow(pool, circuit);
  let isSound = false;
  try {
    const result = await work(client);
    isSound = true;
    return result;
  } catch (caught) {
    isSound = caught instanceof Problem || isReply(caught);
    throw caught;
  } finally {
    stop();
    client.release(!isSound);
  }
}

/** A connection that ends at a cut. The wait for it ends, too. */
function borrow(
  pool: Pool,
  circuit: Circuit,
): Promise<{ readonly client: PoolClient; readonly stop: () => void }> {
  return new Promise((resolve, reject) => {
    const isAwaited = circuit.onCut(() => reject(connectionLost('while it was awaited')));
    const take = async (): Promise<void> => {
      const client = await pool.connect();
      if (!isAwaited()) return client.release(true);
      resolve({ client, stop: circuit.onCut(() => void client.end().catch(ignore)) });
    };
    take().catch((caught: unknown) => {
      isAwaited();
      reject(caught);
    });
  });
}

function clientConfig(
  address: PostgresAddress,
  schema: string,
  { connect, idle }: PostgresTiming,
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
    options: [`-c search_path=${schema},pg_temp`, ...KEEPALIVES].join(' '),
    keepAlive: true,
    connectionTimeoutMillis: connect,
    query_timeout: statement + GRACE,
    statement_timeout: statement,
    // A process that was suspended within a change must not keep the others waiting; it begins anew.
    idle_in_transaction_session_timeout: idle,
  };
}

function tlsOptions({ mode, rootCert }: NonNullable<PostgresAddress['tls']>): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    ...(rootCert === null ? {} : { ca: readFileSync(rootCert) }),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}
