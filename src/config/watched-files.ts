/** Watches the directories of files, and reports changes that the system notices. */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Seen } from './parse/fingerprint.ts';

/** Watches that follow the files of the current configuration. */
export interface WatchedFiles {
  /** Watches the directories of these files, and no others. */
  follow(seen: readonly Seen[]): void;
  close(): void;
}

/** Watches nothing yet. `onChange` can be called for other files of a directory, too. */
export function watchFiles(onChange: () => void): WatchedFiles {
  const watchers = new Map<string, FSWatcher>();

  function unwatch(path: string): void {
    watchers.get(path)?.close();
    watchers.delete(path);
  }
  function start(path: string): void {
    try {
      const watcher = watch(path, { persistent: false }, onChange);
      watcher.on('error', () => unwatch(path));
      watchers.set(path, watcher);
    } catch {
      // Named fallback: polling. The directory may be gone, or the system has no watches left.
    }
  }

  return {
    follow(seen) {
      const wanted = new Set(
        seen.map((one) => (one.maxBytes === null ? one.path : dirname(one.path))),
      );
      for (const path of watchers.keys()) if (!wanted.has(path)) unwatch(path);
      for (const path of wanted) if (!watchers.has(path)) start(path);
    },
    close() {
      for (const path of watchers.keys()) unwatch(path);
    },
  };
}
