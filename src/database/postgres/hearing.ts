/**
 * Which instances have heard of a change. Each holds a lock on the number of the last change that it knows,
 * and to make one is to wait until none is held on an earlier number.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { flag, integer } from '../rows.ts';
import { query } from '../sql.ts';
import type { PostgresDatabase } from './postgres.ts';

/** Longest pause between two looks at the locks, in milliseconds. */
const LONGEST_PAUSE = 20;
/** Numbers of locks have 31 bits. */
const NUMBERS = 2 ** 31;

/** What an instance has heard, on one connection. */
export interface Hearing {
  /** It knows the changes up to this number, and has forgotten what they concern. */
  heard(seq: number): Promise<void>;
}

/** Begins with nothing. Call it before the first look: a change that is made in between is waited for. */
export async function openHearing(
  client: Client,
  { schema, timing }: Pick<PostgresDatabase, 'schema' | 'timing'>,
): Promise<Hearing> {
  let known = 0;
  const key = keyOf(schema);
  // Without a wait: any role of the database can take these locks, and nothing else may hang for that.
  const take = async (taken: string): Promise<void> => {
    const statement = { text: `SELECT ${taken} AS taken`, query_timeout: timing.look };
    const { rows } = await client.query(statement);
    if (rows[0]?.taken !== true) throw new Error('something else holds a lock of the gateways');
  };
  await take(`pg_try_advisory_lock_shared(${key}, 0)`);
  return {
    async heard(seq) {
      const next = seq % NUMBERS;
      if (next === known) return;
      const former = known;
      known = next;
      await take(
        `CASE WHEN pg_try_advisory_lock_shared(${key}, ${next})
         THEN pg_advisory_unlock_shared(${key}, ${former}) ELSE false END`,
      );
    },
  };
}

/**
 * Resolves when every instance has heard of the newest change, or does not believe what it has read any
 * longer: after `silence` at the latest.
 */
export async function untilHeard(db: PostgresDatabase): Promise<void> {
  const { schema, timing } = db;
  const newest = query('SELECT max(seq) AS seq FROM changes', (row) => integer(row, 'seq'));
  const behind = query(
    `SELECT EXISTS (
       SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2
         AND classid = ${keyOf(schema)}::oid AND objid::bigint < ?
     ) AS behind`,
    (row) => flag(row, 'behind'),
  );
  const deadline = performance.now() + timing.silence;
  try {
    const seq = ((await db.read(() => newest.first())) ?? 0) % NUMBERS;
    for (let pause = 1; await db.read(() => behind.first(seq)); pause *= 2) {
      if (performance.now() > deadline) return;
      await delay(Math.min(pause, LONGEST_PAUSE));
    }
  } catch {
    // Named fallback: the change is made, but others may believe what they have read until then.
    await delay(Math.max(0, deadline - performance.now()));
  }
}

function keyOf(schema: string): string {
  return `hashtext('${schema} heard')`;
}
