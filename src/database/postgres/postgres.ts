/**
 * One part of a Postgres database, shared by all instances. Changes run one at a time over all of them,
 * as in an SQLite file: what a change has read stays true until it is committed. Every fault is a Problem.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { Problem } from '../../core/values/problem.ts';
import { fieldsOf } from '../../core/values/record.ts';
import { describePostgres, type PostgresAddress } from '../../core/setup/postgres-address.ts';
import type { Database } from '../database.ts';
import type { DatabaseKind } from '../kind.ts';
import { integer } from '../rows.ts';
import { runtimeFaults } from '../runtime-faults.ts';
import { type Call, command, type Outcome, type Steps } from '../sql.ts';
import { isConflict, isConnectionLost, isReply, postgresFault } from './fault.ts';
import { lockStatement, migratePostgres, refuseOther, schemaName, VERSION } from './migrate.ts';
import { createServer, POSTGRES_TIMING, type PostgresTiming, type Server } from './server.ts';
import { parametersOf, statementOf } from './statement.ts';
import { createTurns } from './turns.ts';

/** A part of a database, with what its changes are announced by. */
export interface PostgresDatabase extends Database {
  readonly kind: DatabaseKind;
  /** Where it is, for messages. */
  readonly place: string;
  readonly schema: string;
  readonly server: Server;
  readonly timing: PostgresTiming;
}

/** Attempts at a change that conflicts with another one or loses its connection before it is committed. */
const ATTEMPTS = 5;

const TOUCH = command('UPDATE schema_version SET version = version');

/** Connects, and creates or migrates the tables. Problems `…/unusable` and `…/newer` name the remedy. */
export async function openPostgres(
  address: PostgresAddress,
  kind: DatabaseKind,
  timing: PostgresTiming = POSTGRES_TIMING,
): Promise<PostgresDatabase> {
  const schema = schemaName(kind);
  const server = await openServer(address, kind, timing);
  const faults = runtimeFaults(kind, postgresFault);
  const turns = createTurns(timing.turn);

  const limit = (): number => timing.statement;
  async function settled<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (caught) {
      throw faults.problemOf(caught);
    }
  }
  function read<T>(steps: () => Steps<T>): Promise<T> {
    const deadline = performance.now() + timing.read;
    const left = (): number => Math.max(1, deadline - performance.now());
    const attempt = () => server.use((client) => runSteps(client, steps(), left));
    return settled(
      retried(attempt, (caught) => isTemporary(caught) && performance.now() < deadline),
    );
  }
  async function write<T>(steps: () => Steps<T>): Promise<T> {
    const change = { begin: beginning(kind), steps, limit, isCommitting: false };
    const attempt = () => server.use((client) => transaction(client, change));
    // Once COMMIT was sent, only an error reply proves that nothing was written.
    const isWorthwhile = (caught: unknown): boolean =>
      isConflict(caught) || (isTemporary(caught) && !change.isCommitting);
    const result = await settled(turns(() => retried(attempt, isWorthwhile)));
    faults.hasRoom();
    return result;
  }
  return {
    kind,
    place: describePostgres(address),
    schema,
    server,
    timing,
    read,
    // Postgres is on the disk before it acknowledges, unless its operator has chosen otherwise.
    write,
    async probe() {
      await write(() => TOUCH());
    },
    close: () => server.close(),
  };
}

/** Attempts until one works, or another one is not worthwhile. Rejects as the last one did. */
async function retried<T>(
  attempt: () => Promise<T>,
  isWorthwhile: (caught: unknown) => boolean,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (caught) {
      if (tries >= ATTEMPTS || !isWorthwhile(caught)) throw caught;
    }
    await delay(tries * 5);
  }
}

/** Prepares the connections and migrates the tables. */
async function openServer(
  address: PostgresAddress,
  kind: DatabaseKind,
  timing: PostgresTiming,
): Promise<Server> {
  try {
    const server = await createServer(address, schemaName(kind), timing);
    const client = await server.connect(timing.migration);
    try {
      await migratePostgres(client, kind);
    } finally {
      await client.end();
    }
    return server;
  } catch (caught) {
    if (caught instanceof Problem) throw caught;
    const why = caught instanceof Error ? caught.message : 'unknown fault';
    const message = `The ${describePostgres(address)} cannot be used as the ${kind.role}: ${why}.`;
    throw new Problem(`${kind.code}/unusable`, message, { status: 503, cause: caught });
  }
}

function isTemporary(caught: unknown): boolean {
  return !(caught instanceof Problem) && isConnectionLost(caught);
}

/** Begins a change when it is its turn over all instances. Meanwhile, a newer one may have changed the tables. */
function beginning(kind: DatabaseKind): (client: ClientBase) => Promise<void> {
  const text = `BEGIN ISOLATION LEVEL READ COMMITTED; ${lockStatement(schemaName(kind))}; ${VERSION}`;
  return async (client) => {
    // One result for each statement, which the driver's types do not know.
    const results: unknown = await client.query(text);
    const { rows } = fieldsOf(Array.isArray(results) ? results.at(-1) : null);
    refuseOther(kind, integer(fieldsOf(Array.isArray(rows) ? rows[0] : null), 'version'));
  };
}

interface Change<T> {
  readonly begin: (client: ClientBase) => Promise<void>;
  readonly steps: () => Steps<T>;
  readonly limit: () => number;
  isCommitting: boolean;
}

async function transaction<T>(client: ClientBase, change: Change<T>): Promise<T> {
  change.isCommitting = false;
  try {
    await change.begin(client);
    const result = await runSteps(client, change.steps(), change.limit);
    change.isCommitting = true;
    await client.query('COMMIT');
    return result;
  } catch (caught) {
    // Any other connection is closed, which rolls back.
    if (caught instanceof Problem || isReply(caught)) await client.query('ROLLBACK');
    throw caught;
  }
}

/** Statements one after another, each of which fails after `limit()` milliseconds without a reply. */
async function runSteps<T>(client: ClientBase, steps: Steps<T>, limit: () => number): Promise<T> {
  let step = steps.next();
  while (step.done !== true) step = steps.next(await runCall(client, step.value, limit()));
  return step.value;
}

async function runCall(client: ClientBase, call: Call, limit: number): Promise<Outcome> {
  const values = [...parametersOf(call)];
  const statement = { ...statementOf(call.sql), values, query_timeout: limit };
  const { rows, rowCount } = await client.query(statement);
  return call.returns === 'rows' ? { rows, changes: 0 } : { rows: [], changes: rowCount ?? 0 };
}
