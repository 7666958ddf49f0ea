/** Detects changed files by their content, so that swapped symbolic links and preserved times do not matter. */
import { createHash } from 'node:crypto';
import { type Reading, readNames, readText } from './disk.ts';

/** A file or directory at the time it was read. */
export interface Seen {
  /** Absolute. */
  readonly path: string;
  /** Most bytes that are read; null for a directory. */
  readonly maxBytes: number | null;
  readonly digest: string;
}

/** A digest of a file, of the names in a directory, or of the reason why it could not be read. */
export function digestOf(reading: Reading | Awaited<ReturnType<typeof readNames>>): string {
  const hash = createHash('sha256');
  // Runs every few seconds, so a long text is not copied into JSON.
  if ('text' in reading) hash.update('text ').update(reading.text);
  else hash.update(JSON.stringify(reading));
  return hash.digest('base64url');
}

/** Whether any file or directory has changed. */
export async function hasChanged(seen: readonly Seen[]): Promise<boolean> {
  for (const one of seen) if ((await digestNow(one)) !== one.digest) return true;
  return false;
}

/** The same files and directories with what they contain now. */
export async function seenNow(seen: readonly Seen[]): Promise<readonly Seen[]> {
  const now: Seen[] = [];
  for (const one of seen) now.push({ ...one, digest: await digestNow(one) });
  return now;
}

async function digestNow({ path, maxBytes }: Seen): Promise<string> {
  return digestOf(maxBytes === null ? await readNames(path) : await readText(path, maxBytes));
}
