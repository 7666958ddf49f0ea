/**
 * Disk space kept beside the databases for writes that take access away. A full disk must stop no
 * sign-out and no revocation; what is freed here must be used by nothing else.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf } from './fault.ts';

/** The space of one folder. */
export interface Reserve {
  /** Whether there is room for more than endings: the reserve, and some beside it. Looked at once per second at most. */
  isHeld(): boolean;
  /** Gives it up; false when there was none. */
  release(): boolean;
}

/** Name of the file in `data_dir`. */
export const RESERVE_FILE = 'reserve';
/** Bytes: twice what a log may hold that is not in its database yet (database.ts). */
export const RESERVE_SIZE = 2 * 1024 * 1024;
/** Bytes that must be free beside it, or the log would take in what its database has no room for. */
const MARGIN = 256 * 1024;
/** How long a look is believed, in milliseconds. */
const BELIEVED = 1_000;

/** The reserve of a folder, made if there is room for it. */
export function openReserve(folder: string): Reserve {
  const path = join(folder, RESERVE_FILE);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let held = false;
  function make(): boolean {
    // Random bytes: file systems that compress would set nothing aside for zeros.
    const made = `${path}-${randomBytes(6).toString('hex')}`;
    try {
      writeFileSync(made, randomBytes(RESERVE_SIZE), { mode: 0o600, flag: 'wx', flush: true });
      renameSync(made, path);
      return true;
    } catch (caught) {
      rmSync(made, { force: true });
      // Named fallback: a disk without room refuses ordinary writes; other faults show in the writes themselves.
      return faultOf(caught) !== 'full';
    }
  }
  function hasMargin(): boolean {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize >= MARGIN;
    } catch {
      // Named fallback: the writes themselves say what is wrong.
      return true;
    }
  }
  return {
    isHeld() {
      const now = performance.now();
      if (now - lookedAt >= BELIEVED) {
        held = (existsSync(path) || make()) && hasMargin();
        lookedAt = now;
      }
      return held;
    },
    release() {
      if (!existsSync(path)) return false;
      rmSync(path, { force: true });
      held = false;
      lookedAt = performance.now();
      return true;
    },
  };
}
