/**
 * Notices that a file has changed: by watching its folder, and by polling for changes that the system does
 * not report (symlinks into other folders, network mounts).
 */
import { type FSWatcher, watch, type WatchListener } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Milliseconds. */
export interface WatchTiming {
  /** Quiet time after a sign of change, so that a half-written file is not read. */
  readonly settle: number;
  /** How often to look without a sign of change. */
  readonly poll: number;
}

export const WATCH_TIMING: WatchTiming = { settle: 50, poll: 2_000 };

/** A file that is watched. */
export interface Watched {
  /** Whether there was a sign of change since the last look: what is known of the file may be old. */
  isHeardOf(): boolean;
  /** Resolves after a look that followed the last sign of change. */
  lookedAt(): Promise<void>;
  /** Looks now. */
  look(): Promise<void>;
  stop(): void;
}

/** Calls back after each change of the file behind `path`, links followed. `onChange` must not reject. */
export function watchFile(
  path: string,
  onChange: () => Promise<void>,
  timing: WatchTiming = WATCH_TIMING,
): Watched {
  const name = basename(path);
  let stopped = false;
  let settling: NodeJS.Timeout | null = null;
  let last: string | null = null;
  let signs = 0;
  let waiting: PromiseWithResolvers<void> | null = null;
  let looking = Promise.resolve();

  async function lookOnce(): Promise<void> {
    const upTo = signs;
    const now = await fingerprint(path);
    if (!stopped && now !== last) {
      last = now;
      await onChange();
    }
    if (upTo < signs) return;
    waiting?.resolve();
    waiting = null;
  }
  /** One look at a time: one that finds nothing new must not hide that an earlier one is still reading. */
  function look(): Promise<void> {
    looking = looking.then(lookOnce);
    return looking;
  }
  /** Other files in the folder may change: only this one, or a link on the way to it, is a sign of change. */
  function soon(_event: string, about: string | null): void {
    if (about === null || about === name || about.startsWith('..')) {
      signs += 1;
      waiting ??= Promise.withResolvers<void>();
    }
    settling ??= setTimeout(() => {
      settling = null;
      void look();
    }, timing.settle);
  }
  const poll = setInterval(() => void look(), timing.poll);
  poll.unref();
  const watcher = watchFolder(path, soon);
  void look();
  return {
    isHeardOf: () => waiting !== null,
    lookedAt: () => waiting?.promise ?? Promise.resolve(),
    look,
    stop() {
      stopped = true;
      clearInterval(poll);
      if (settling !== null) clearTimeout(settling);
      watcher?.close();
      waiting?.resolve();
      waiting = null;
    },
  };
}

function watchFolder(path: string, onChange: WatchListener<string>): FSWatcher | null {
  try {
    const watcher = watch(dirname(path), { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // Named fallback: the machine has no watches left; polling remains.
    return null;
  }
}

/** Differs whenever the file was written, replaced or reached by another link. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    // Named fallback: a missing file is a state of its own.
    return 'absent';
  }
}
