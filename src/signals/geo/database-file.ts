/**
 * A database of places as a file: read whole, looked at again now and then, and taken over only once it
 * has not changed again. A newer file that cannot be used changes nothing.
 */
import { open, stat } from 'node:fs/promises';
import { type Database, openDatabase } from './database.ts';

/** A file with what was read from it last. */
export interface DatabaseFile {
  readonly path: string;
  database(): Database;
  /**
   * Reads the file again if it has changed since the last look but one; whether it did. Rejects, once
   * for each state of the file, when that cannot be used; what was read before stays.
   */
  refresh(): Promise<boolean>;
}

/** Largest file, in bytes; each is kept in memory, by every process. */
const MAX_FILE = 512 * 1024 * 1024;

/** Opens a file. Rejects with an Error whose words say why it cannot be used. */
export async function openDatabaseFile(path: string): Promise<DatabaseFile> {
  const begin = await read(path);
  let { database, print: used } = begin;
  let seen = used;
  return {
    path,
    database: () => database,
    async refresh() {
      const print = await fingerprint(path);
      // One that still changes may be in the middle of being written.
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

/** Reads at most as much as the file had when it was opened. */
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
    // Named fallback: a file that is not there is a state of its own.
    return 'absent';
  }
}

interface Stat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

/** Differs whenever the file was written, replaced or reached by another link. */
function printOf({ dev, ino, size, mtimeNs }: Stat): string {
  return [dev, ino, size, mtimeNs].join(' ');
}
