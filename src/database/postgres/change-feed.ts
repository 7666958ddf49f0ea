/**
 * Which records changed, at any instance. A change writes a row and announces it (NOTIFY); a connection of
 * its own listens, and reads the rows after the last one that it knows. An announcement that was lost with
 * a connection costs time, never a change.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { ChangeListener } from '../../core/people/session-store.ts';
import type { ChangeLog } from '../change-log.ts';
import { integer, textOrNull } from '../rows.ts';
import { command, query, type Row } from '../sql.ts';
import type { PostgresDatabase } from './postgres.ts';
import { statementOf } from './statement.ts';

/** Rows kept. A reader that missed more of them has to assume that anything changed. */
const KEPT = 1_000;
/** A connection that lasted this long, in milliseconds, is replaced without a long pause. */
const STEADY = 5_000;
/** Longest pause before the next attempt to connect, in milliseconds. */
const LONGEST_PAUSE = 500;

const INSERT = command(
  `INSERT INTO changes (seq, user_id) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM changes), ?)`,
);
const PRUNE = command(`DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ${KEPT}`);
const NEWEST = 'SELECT seq, user_id FROM changes ORDER BY seq DESC LIMIT 1';
// The known row is read again: if it is another one by now, the database has been replaced.
const SINCE = `SELECT seq, user_id FROM changes WHERE seq >= ? ORDER BY seq LIMIT ${KEPT + 1}`;

/** Where a reader is. */
interface Place {
  readonly seq: number;
  readonly id: string | null;
}

/** Starts listening, and goes on until it is stopped. */
export function openChangeFeed({ schema, server, timing }: PostgresDatabase): ChangeLog {
  const listeners = new Set<ChangeListener>();
  const notify = query(`SELECT pg_notify('${schema}', '')`, () => null);
  const stopped = new AbortController();
  const reader = createReader((id) => announce([id]));
  /** When the last look that was answered began. */
  let lookedAt = Number.NEGATIVE_INFINITY;

  function announce(ids: readonly (string | null)[]): void {
    for (const id of ids) for (const listener of listeners) listener(id);
  }
  /** Listens on one connection until it fails. */
  async function listen(): Promise<void> {
    const client = await server.connect(timing.silence);
    const bell = createBell();
    client.on('notification', () => bell.ring());
    client.on('end', () => bell.ring());
    const stop = (): void => void client.end().catch(ignore);
    stopped.signal.addEventListener('abort', stop);
    try {
      // Before the first look, so that no change falls in between.
      await client.query(`LISTEN ${schema}`);
      while (!stopped.signal.aborted) {
        const begun = performance.now();
        await reader.look(client);
        if (!stopped.signal.aborted) lookedAt = begun;
        await bell.wait(timing.beat);
      }
    } finally {
      stopped.signal.removeEventListener('abort', stop);
      stop();
    }
  }
  void keepTrying(listen, stopped.signal);
  return {
    *record(ids) {
      for (const id of ids) yield* INSERT(id);
      if (ids.length === 0) return;
      yield* PRUNE();
      yield* notify.first();
    },
    announce,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    // By the clock at each call, so that a process that was suspended knows it when it wakes.
    isCoherent: () => performance.now() - lookedAt < timing.silence,
    stop() {
      lookedAt = Number.NEGATIVE_INFINITY;
      stopped.abort();
    },
  };
}

function ignore(): void {}

/** Listens again after each failure. */
async function keepTrying(listen: () => Promise<void>, stopped: AbortSignal): Promise<void> {
  for (let pause = 10; !stopped.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const begun = performance.now();
    // Named fallback: without a look, nothing is believed, and each check reads the records themselves.
    await listen().catch(ignore);
    if (performance.now() - begun > STEADY) pause = 10;
    if (!stopped.aborted) await delay(pause, undefined, { ref: false });
  }
}

/** Reads on from the last known row. */
function createReader(announce: (id: string | null) => void) {
  let place: Place | null = null;
  async function begin(client: Client): Promise<void> {
    const { rows } = await client.query(NEWEST);
    place = rows[0] === undefined ? { seq: 0, id: null } : placeOf(rows[0]);
    announce(null);
  }
  return {
    async look(client: Client): Promise<void> {
      if (place === null) return begin(client);
      const { rows } = await client.query({ ...statementOf(SINCE), values: [place.seq] });
      const read: Place[] = rows.map(placeOf);
      const { seq: first, id } = place;
      const known = first === 0 ? place : read.shift();
      const isSame = known?.seq === first && known.id === id;
      const isWhole = read.every(({ seq }, index) => seq === first + index + 1);
      if (!isSame || !isWhole || read.length >= KEPT) return begin(client);
      place = read.at(-1) ?? place;
      for (const changed of read) announce(changed.id);
    },
  };
}

function placeOf(row: Row): Place {
  return { seq: integer(row, 'seq'), id: textOrNull(row, 'user_id') };
}

/** Wakes a loop. A ring while nothing waits is kept for the next wait. */
function createBell() {
  let isRung = false;
  let wake: () => void = ignore;
  return {
    ring(): void {
      isRung = true;
      wake();
    },
    async wait(longest: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, longest).unref();
      wake = resolve;
      if (!isRung) await promise;
      clearTimeout(timer);
      isRung = false;
    },
  };
}
