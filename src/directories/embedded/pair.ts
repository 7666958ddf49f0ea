/** Which accounts file belongs to this directory, as the directory itself remembers it. */
import { join } from 'node:path';
import { openDatabase } from './database.ts';

/** What the directory knows about its accounts file. */
export interface Pair {
  /** Name of the accounts file; null: it was never opened beside one. */
  readonly accounts: string | null;
  /** Whether its users come from release 0.1, which noted no name. */
  readonly isLegacy: boolean;
  readonly hasUsers: boolean;
}

/** Opens the directory's file for a moment: reads the pair, or changes it by what `next` returns. */
export async function withPair(
  path: string,
  next: (pair: Pair) => Promise<string | null>,
): Promise<void> {
  const db = openDatabase(path);
  try {
    const pair = db.read(() => db.prepare('SELECT accounts, is_legacy FROM pair').get()) as {
      accounts: string | null;
      is_legacy: number;
    };
    const user = db.read(() => db.prepare('SELECT 1 FROM users LIMIT 1').get());
    const { accounts } = pair;
    const name = await next({
      accounts,
      isLegacy: pair.is_legacy === 1,
      hasUsers: user !== undefined,
    });
    if (name === null || name === accounts) return;
    await db.write(() => db.prepare('UPDATE pair SET accounts = ?, is_legacy = 0').run(name));
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
