/**
 * Notices that a file has changed: told by the system about its folder, and looked at now and
 * then for what the system does not tell (symlinks into other folders, network mounts).
 */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Milliseconds. */
export interface WatchTiming {
  /** Quiet time after a sign of change, so that a file in the middle of a write is left alone. */
  readonly settle: number;
  /** How often to look when the system says nothing. */
  readonly poll: number;
}

export const WATCH_TIMING: WatchTiming = { settle: 50, poll: 2_000 };

/** Calls back after each change of the file behind `path`, links followed. Returns the way to stop. */
export function watchFile(
  path: string,
  onChange: () => void,
  timing: WatchTiming = WATCH_TIMING,
): () => void {
  let stopped = false;
  let settling: NodeJS.Timeout | null = null;
  let last: string | null = null;

  async function look(): Promise<void> {
    const now = await fingerprint(path);
    if (stopped || now === last) return;
    last = now;
    onChange();
  }
  function soon(): void {
    settling ??= setTimeout(() => {
      settling = null;
      void look();
    }, timing.settle);
  }
  const poll = setInterval(() => void look(), timing.poll);
  poll.unref();
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(dirname(path), { persistent: false }, soon);
    watcher.on('error', () => watcher?.close());
  } catch {
    // Named fallback: no watches left on this machine; looking now and then remains.
    watcher = null;
  }
  void look();
  return () => {
    stopped = true;
    clearInterval(poll);
    if (settling !== null) clearTimeout(settling);
    watcher?.close();
  };
}

/** Differs whenever the file was written, replaced or reached by another link. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    // Named fallback: a file that is not there is a state of its own.
    return 'absent';
  }
}
