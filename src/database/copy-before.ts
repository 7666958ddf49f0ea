/** A copy of a file as it was before an upgrade, so that the former release can be run again. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { dirname } from 'node:path';

/** The copy of a file that an upgrade brings to this version. */
export function copyBefore(path: string, version: number): string {
  return `${path}.before-${version}`;
}

/**
 * Copies what was last committed, onto the disk. The caller holds the write lock of the file, so this is what
 * the upgrade begins with. An earlier copy of the same name is replaced.
 */
export function keepCopy(path: string, version: number): void {
  const copy = copyBefore(path, version);
  const part = `${copy}.part`;
  // Of an upgrade that was interrupted.
  rmSync(part, { force: true });
  try {
    closeSync(openSync(part, 'wx', 0o600));
    using db = new DatabaseSync(path, { readOnly: true, allowExtension: false });
    db.prepare('VACUUM INTO ?').run(part);
    sync(part);
    renameSync(part, copy);
    sync(dirname(copy));
  } catch (caught) {
    rmSync(part, { force: true });
    throw caught;
  }
}

/** Puts a file, or the names in a folder, onto the disk. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
