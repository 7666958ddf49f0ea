/**
 * A database of places in a file. The file is read whole, checked regularly, and reloaded once it
 * has stopped changing. An unusable newer file has no effect.
 */
import { open, stat } from 'node:fs/promises';
import { type Database, openDatabase } from './database.ts';

/** A file and the database read from it last. */
export interface DatabaseFile {
  readonly path: string;
  database(): Database;
  /**
   * Reloads the file if it has changed and was stable since the previous check; returns whether it
   * did. Rejects once for each unusable state of the file; the previous database remains.
   */
  refresh(): Promise<boolean>;
}

/** Maximum size in bytes; every process holds the file in memory. */
const MAX_FILE = 512 * 1024 * 1024;

/** Opens a file. Rejects with an Error that says why it cannot be used. */
export async function openDatabaseFile(path: string): Promise<DatabaseFile> {
  const begin = await read(path);
  let { database, print: used } = begin;
  let seen = used;
  return {
    path,
    database: () => database,
    async refresh() {
      const print = await fingerprint(path);
      // A file that is still changing may be incomplete.
      const isStill = print === seen;
      seen = print;
      if (!isStill || print === used) return false;
      used = print;
      const next = await read(path);
      used = next.print;
      seen = next.print;
      database = next.database;
      return true;
    },
  };
}

/** Reads no more than the size of the file when it was opened. */
async function read(path: string): Promise<{ database: Database; print: string }> {
  await using handle = await open(path, 'r');
  const before = await handle.stat({ bigint: true });
  if (!before.isFile()) throw new Error('it is no file');
  if (before.size > MAX_FILE) throw new Error(`it is larger than ${MAX_FILE / 2 ** 20} MiB`);
  const bytes = Buffer.alloc(Number(before.size));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const print = printOf(before);
  if (length < bytes.length || printOf(await handle.stat({ bigint: true })) !== print) {
    throw new Error('it was written to while it was read');
  }
  return { database: openDatabase(bytes), print };
}

async function fingerprint(path: string): Promise<string> {
  try {
    return printOf(await stat(path, { bigint: true }));
  } catch {
    // Named fallback: a missing file counts as a state of its own.
    return 'absent';
  }
}

interface Stat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

/** Returns a fingerprint that changes when the file is written, replaced or linked differently. */
function printOf({ dev, ino, size, mtimeNs }: Stat): string {
  return [dev, ino, size, mtimeNs].join(' ');
}
