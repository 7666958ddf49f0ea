/**
 * Which records changed, at any instance. A change writes a row and announces it (NOTIFY); a connection of
 * its own listens, and reads the rows after the last one that it knows. An announcement that was lost with
 * a connection costs time, never a change.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { EventSink } from '../../core/access/event.ts';
import type { ChangeListener } from '../../core/people/session-store.ts';
import { Problem } from '../../core/values/problem.ts';
import type { ChangeLog } from '../change-log.ts';
import { command, query } from '../sql.ts';
import { createChangeReader, KEPT } from './change-reader.ts';
import { isSilence } from './fault.ts';
import { openHearing, untilHeard } from './hearing.ts';
import { joinUsers } from './lock.ts';
import { createOutage } from './outage.ts';
import type { PostgresDatabase } from './postgres.ts';

/** A connection that lasted this long, in milliseconds, is replaced without a long pause. */
const STEADY = 5_000;
/** Longest pause before the next attempt to connect, in milliseconds. */
const LONGEST_PAUSE = 500;

const INSERT = command(
  `INSERT INTO changes (seq, user_id) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM changes), ?)`,
);
const PRUNE = command(`DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ${KEPT}`);

/**
 * Starts listening, and goes on until it is stopped. While the database does not answer, it is closed to
 * all others as well.
 */
export function openChangeFeed(db: PostgresDatabase, events: EventSink): ChangeLog {
  const { schema, timing } = db;
  const listeners = new Set<ChangeListener>();
  const notify = query(`SELECT pg_notify('${schema}', '')`, () => null);
  function announce(ids: readonly (string | null)[]): void {
    for (const id of ids) for (const listener of listeners) listener(id);
  }
  const ear = openEar(db, events, (id) => announce([id]));
  return {
    *record(ids) {
      for (const id of ids) yield* INSERT(id);
      if (ids.length === 0) return;
      yield* PRUNE();
      yield* notify.first();
    },
    async announce(ids) {
      announce(ids);
      if (ids.length > 0) await untilHeard(db);
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    // By the clock at each call, so that a process that was suspended knows it when it wakes.
    isCoherent: () => performance.now() - ear.lookedAt() < timing.silence,
    stop: () => ear.stop(),
  };
}

/** What hears of changes, on one connection after another. */
interface Ear {
  /** When the last look that was answered began, by `performance.now()`. */
  lookedAt(): number;
  stop(): void;
}

function openEar(
  db: PostgresDatabase,
  events: EventSink,
  announce: (id: string | null) => void,
): Ear {
  const { kind, server, timing } = db;
  const stopped = new AbortController();
  const outage = createOutage(db, events);
  const onBack = outage.wentBack;
  const reader = createChangeReader({ kind, limit: timing.look, announce, onBack });
  let lookedAt = Number.NEGATIVE_INFINITY;
  let connections = 0;

  async function keepLooking(client: Client, bell: Bell): Promise<void> {
    // Before the first look, so that no change falls in between.
    await listenTo(client, db);
    if (connections > 0) server.renew();
    connections += 1;
    const hearing = await openHearing(client, db);
    for (let look = reader.begin; !stopped.signal.aborted; look = reader.look) {
      const begun = performance.now();
      await hearing.heard(await look(client));
      if (stopped.signal.aborted) return;
      lookedAt = begun;
      server.circuit.close();
      outage.end();
      await bell.wait(timing.beat);
    }
  }
  /** Listens on one connection until it fails. */
  async function listen(): Promise<void> {
    const client = await server.connectLoosely(timing.silence);
    const bell = createBell(client);
    const stop = (): void => void client.end().catch(ignore);
    stopped.signal.addEventListener('abort', stop);
    try {
      await keepLooking(client, bell);
    } finally {
      stopped.signal.removeEventListener('abort', stop);
      stop();
    }
  }
  void keepTrying(listen, stopped.signal, (caught) => {
    // What others change meanwhile is not heard.
    lookedAt = Number.NEGATIVE_INFINITY;
    // Other faults, such as a refused connection, show at once to those who ask.
    if (caught instanceof Problem) server.circuit.open(caught);
    else if (isSilence(caught)) server.circuit.open(silenceOf(db));
    outage.begin(caught);
  });
  return {
    lookedAt: () => lookedAt,
    stop() {
      lookedAt = Number.NEGATIVE_INFINITY;
      stopped.abort();
    },
  };
}

/** Not while the database is copied: a copy knows by this lock that nothing uses it. */
async function listenTo(client: Client, { schema, timing }: PostgresDatabase): Promise<void> {
  if (!(await joinUsers(client, schema, timing.look))) {
    throw new Error('the database is being copied');
  }
  const listening = { text: `LISTEN ${schema}`, query_timeout: timing.look };
  await client.query(listening);
}

function silenceOf({ place }: Pick<PostgresDatabase, 'place'>): Error {
  return new Error(`the ${place} does not answer`);
}

function ignore(): void {}

/** Listens again after each failure. */
async function keepTrying(
  listen: () => Promise<void>,
  stopped: AbortSignal,
  onFailure: (caught: unknown) => void,
): Promise<void> {
  for (let pause = 10; !stopped.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const begun = performance.now();
    try {
      await listen();
    } catch (caught) {
      // Named fallback: nothing is believed until the next look, and each check reads the records themselves.
      if (!stopped.aborted) onFailure(caught);
    }
    if (performance.now() - begun > STEADY) pause = 10;
    if (!stopped.aborted) await delay(pause, undefined, { ref: false });
  }
}

/** Wakes a loop at each announcement, and when the connection ends. A ring while nothing waits is kept. */
interface Bell {
  /** `longest`: without a ring, in milliseconds. */
  wait(longest: number): Promise<void>;
}

function createBell(client: Client): Bell {
  let isRung = false;
  let wake: () => void = ignore;
  const ring = (): void => {
    isRung = true;
    wake();
  };
  client.on('notification', ring);
  client.on('end', ring);
  return {
    async wait(longest) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, longest).unref();
      wake = resolve;
      if (!isRung) await promise;
      clearTimeout(timer);
      isRung = false;
    },
  };
}
