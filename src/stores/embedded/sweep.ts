/** Throws away what is past its end, a bounded piece at a time. It must never end what still counts. */
import type { Clock } from '../../core/values/system.ts';
import type { Database } from './database.ts';

/** Rows a table and round. */
const PIECE = 500;
/** Milliseconds between rounds, and after a full one. */
const EVERY = 60_000;
const SOON = 1_000;
/** How long other processes have to notice a change, in milliseconds; later they drop everything. */
const CHANGES_KEPT = 10 * 60_000;

/** Sweeps until the returned function is called. */
export function startSweep(db: Database, clock: Clock): () => void {
  const round = sweeper(db, clock);
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  function schedule(ms: number): void {
    if (stopped) return;
    timer = setTimeout(() => void sweep(), ms);
    timer.unref();
  }
  async function sweep(): Promise<void> {
    // Named fallback: what a failed round left is done by the next; readers judge deadlines themselves.
    const hasMore = await round().catch(() => false);
    schedule(hasMore ? SOON : EVERY);
  }
  schedule(EVERY);
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}

/** One round; whether there is more to do. */
export function sweeper(db: Database, clock: Clock): () => Promise<boolean> {
  const ended = [
    ['sessions', 'id', 'ends_at'],
    ['plans', 'id', 'expires_at'],
    ['tries', 'key', 'forget_at'],
    ['marks', 'key', 'until'],
    ['scores', 'key', 'forget_at'],
  ].map(([table, key, end]) =>
    db.prepare(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${end} <= ? LIMIT ${PIECE})`,
    ),
  );
  // The newest row stays, so that a gap can be told from an empty table.
  const changes = db.prepare(
    'DELETE FROM changes WHERE at <= ? AND seq < (SELECT max(seq) FROM changes)',
  );
  return () =>
    db.write(() => {
      const now = clock.now();
      changes.run(now - CHANGES_KEPT);
      return ended.map((statement) => statement.run(now).changes).includes(PIECE);
    });
}
