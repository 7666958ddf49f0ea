/** Which accounts belong to this directory, as stored in its own database. */
import { join } from 'node:path';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import type { Database } from '../../database/database.ts';
import { underPostgresLock } from '../../database/postgres/lock.ts';
import { openPostgres } from '../../database/postgres/postgres.ts';
import { flag, textOrNull } from '../../database/rows.ts';
import { command, exists, query } from '../../database/sql.ts';
import { openSqlite } from '../../database/sqlite.ts';
import { DIRECTORY_KIND } from './schema.ts';

/** What the directory says about its accounts. */
export interface Pair {
  /** Id of the accounts; null: it was never opened beside any. */
  readonly accounts: string | null;
  /** Whether its users come from release 0.1, which stored no id. */
  readonly isLegacy: boolean;
  readonly hasUsers: boolean;
}

const READ = query('SELECT accounts, is_legacy FROM pair', (row) => ({
  accounts: textOrNull(row, 'accounts'),
  isLegacy: flag(row, 'is_legacy'),
}));
const HAS_USERS = exists('SELECT 1 FROM users LIMIT 1');
const UPDATE = command('UPDATE pair SET accounts = ?, is_legacy = 0');

/**
 * Opens the directory for a moment, and stores the id of the accounts that `next` returns. Instances that
 * start at once on one database take turns: each pair is whole when the next one reads it.
 */
export async function withPair(
  place: string | PostgresAddress,
  next: (pair: Pair) => Promise<string | null>,
): Promise<void> {
  if (typeof place === 'string') return update(openSqlite(place, DIRECTORY_KIND), next);
  // Opened before: what it reports about the address is better than what the lock would.
  const db = await openPostgres(place, DIRECTORY_KIND);
  await underPostgresLock(place, 'pair', () => update(db, next));
}

async function update(db: Database, next: (pair: Pair) => Promise<string | null>): Promise<void> {
  try {
    const pair = await db.read(function* () {
      const known = (yield* READ.first()) ?? { accounts: null, isLegacy: false };
      return { ...known, hasUsers: yield* HAS_USERS() };
    });
    const id = await next(pair);
    if (id !== null && id !== pair.accounts) await db.write(() => UPDATE(id));
  } finally {
    db.close();
  }
}

/** The directory's file in `data_dir`. */
export function directoryFile(dataDir: string): string {
  return join(dataDir, DIRECTORY_FILE);
}

/** Name of the file in `data_dir`. */
export const DIRECTORY_FILE = 'directory.db';
