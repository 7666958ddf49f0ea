/**
 * Why a file could not be opened, in words with the remedy. Advises against nothing more than moving
 * a sound file away: only a damaged one is ever called damaged.
 */
import { closeSync, constants, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Fault, faultOf } from './fault.ts';

/** More than SQLite needs to open a file: a page of the log and its index. */
const PROBE = Buffer.alloc(64 * 1024, 1);

/** The fault behind a failed opening. SQLite's `unable to open` and `I/O error` hide it, so the folder is tried. */
export function startFault(path: string, caught: unknown): Fault {
  const fault = faultOf(caught);
  return fault === 'other' || fault === 'read-only' ? (tryFolder(dirname(path)) ?? fault) : fault;
}

/** What is wrong and what to do. `loss`: what it means to go on without the file. */
export function startWords(path: string, fault: Fault, caught: unknown, loss: string): string {
  switch (fault) {
    case 'full':
      return `The disk is full. Make room on the file system of ${dirname(path)} and start again. The file is sound: leave it where it is.`;
    case 'read-only':
      return `It can only be read. Mount the file system of ${dirname(path)} for writing, or make the file writable. The file is sound: leave it where it is.`;
    case 'denied':
      return `This process may not write it (${ownerOf(path)}). Correct the owner or the mode. The file is sound: leave it where it is.`;
    case 'locked':
      return 'Another process holds its lock. End that process, or wait until it is done. The file is sound: leave it where it is.';
    case 'missing':
      return `Its folder ${dirname(path)} does not exist. Create it, or correct data_dir.`;
    case 'not-a-file':
      return 'A folder has this name. Move that folder, or correct data_dir.';
    case 'damaged':
      return `The file is damaged (${wordsOf(caught)}). First copy it together with ${path}-wal and ${path}-shm, then restore it from a backup. ${loss}`;
    case 'other':
      return `${wordsOf(caught)}.`;
  }
}

function wordsOf(caught: unknown): string {
  return caught instanceof Error ? caught.message : 'unknown fault';
}

function ownerOf(path: string): string {
  const uid = process.getuid?.() ?? -1;
  for (const one of [path, dirname(path)]) {
    try {
      const stat = statSync(one);
      const mode = (stat.mode & 0o777).toString(8);
      return `it runs as user ${uid}; ${one} belongs to user ${stat.uid}, mode ${mode}`;
    } catch {
      // Named fallback: what may not even be looked at is described by its folder.
    }
  }
  return `it runs as user ${uid}`;
}

/** What happens to a small new file in the folder; null: nothing bad. */
function tryFolder(folder: string): Fault | null {
  const path = join(folder, `.probe-${randomBytes(6).toString('hex')}`);
  try {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    const file = openSync(path, flags, 0o600);
    try {
      for (let done = 0; done < PROBE.length; ) done += writeSync(file, PROBE, done);
    } finally {
      closeSync(file);
      unlinkSync(path);
    }
    return null;
  } catch (caught) {
    return faultOf(caught);
  }
}
