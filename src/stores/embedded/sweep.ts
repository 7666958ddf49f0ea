/** Deletes what has expired, a bounded number of rows at a time. It must never delete what still counts. */
import type { Clock } from '../../core/values/system.ts';
import type { Database } from '../../database/database.ts';
import { command } from '../../database/sql.ts';

/** Rows per table and round. */
const PIECE = 500;
/** Milliseconds between rounds, and after a round that left something. */
const EVERY = 60_000;
const SOON = 1_000;

/** Each table with its key and the column of its rows' end. */
const EXPIRED = [
  ['sessions', 'id', 'ends_at'],
  ['source_sessions', 'id', 'until'],
  ['source_withdrawals', 'name', 'until'],
  ['plans', 'id', 'expires_at'],
  ['tries', 'key', 'forget_at'],
  ['marks', 'key', 'until'],
  ['scores', 'key', 'forget_at'],
  ['handovers', 'id', 'until'],
  ['unsent', 'id', 'until'],
].map(([table, key, end]) =>
  command(
    `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${end} <= ? LIMIT ${PIECE})`,
  ),
);

/** Sweeps until the returned function is called. */
export function startSweep(db: Database, clock: Clock): () => void {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  function schedule(ms: number): void {
    if (stopped) return;
    timer = setTimeout(() => void sweepAndSchedule(), ms);
    timer.unref();
  }
  async function sweepAndSchedule(): Promise<void> {
    // Named fallback: the next round makes up for a failed one; readers check deadlines themselves.
    const hasMore = await sweep(db, clock).catch(() => false);
    schedule(hasMore ? SOON : EVERY);
  }
  schedule(EVERY);
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}

/** One round; resolves with whether there is more to delete. */
export function sweep(db: Database, clock: Clock): Promise<boolean> {
  return db.write(function* () {
    const now = clock.now();
    let hasMore = false;
    for (const remove of EXPIRED) if ((yield* remove(now)) === PIECE) hasMore = true;
    return hasMore;
  });
}
