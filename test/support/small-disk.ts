/**
 * A file system of a few megabytes that a test can fill: a separate tmpfs. Mounting requires root,
 * as in CI.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The disk. */
export interface SmallDisk {
  readonly dir: string;
  /** Takes all remaining space. */
  readonly fill: () => void;
  /** Returns the space that `fill` took. */
  readonly free: () => void;
  /** Mounts it again read-only, or writable. */
  readonly setReadOnly: (isReadOnly: boolean) => void;
  readonly remove: () => void;
}

/** Mounts one of this many mebibytes. */
export function smallDisk(mebibytes: number): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-disk-'));
  mount(['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', dir]);
  const filler = join(dir, 'filler');
  return {
    dir,
    fill() {
      const file = openSync(filler, 'a', 0o600);
      try {
        for (const size of [65_536, 4_096]) {
          while (statfsSync(dir).bavail > 0) if (!wrote(file, size)) break;
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => unlinkSync(filler),
    setReadOnly: (isReadOnly) => mount(['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, dir]),
    remove() {
      execFileSync('umount', ['-l', dir]);
      rmSync(dir, { recursive: true });
    },
  };
}

function wrote(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size, 1)) === size;
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw caught;
  }
}

function mount(args: readonly string[]): void {
  try {
    execFileSync('mount', args, { stdio: 'pipe' });
  } catch (cause) {
    throw new Error('this test fills a disk of its own and needs root to mount it', { cause });
  }
}
