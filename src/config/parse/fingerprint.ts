/** Tells whether files still hold what they held when they were loaded, by content, so that swapped symlinks and kept times do not matter. */
import { createHash } from 'node:crypto';
import { type Reading, readNames, readText } from './disk.ts';

/** A file or directory as it was when it was looked at. */
export interface Seen {
  /** Absolute. */
  readonly path: string;
  /** How much of it is read at most; null for a directory. */
  readonly maxBytes: number | null;
  readonly digest: string;
}

/** A short name of what a file or directory held, or of why it could not be read. */
export function digestOf(reading: Reading | Awaited<ReturnType<typeof readNames>>): string {
  const hash = createHash('sha256');
  // Looked at every few seconds: a long text is not written out once more.
  if ('text' in reading) hash.update('text ').update(reading.text);
  else hash.update(JSON.stringify(reading));
  return hash.digest('base64url');
}

/** Whether any of them holds something else by now. */
export async function hasChanged(seen: readonly Seen[]): Promise<boolean> {
  for (const { path, maxBytes, digest } of seen) {
    const reading = maxBytes === null ? await readNames(path) : await readText(path, maxBytes);
    if (digestOf(reading) !== digest) return true;
  }
  return false;
}
