/** What kind of fault a file had, from the codes of SQLite and of the system. */
import { fieldsOf } from '../core/values/record.ts';

/** `other`: none that an operator could do anything about without its own words. */
export type Fault =
  | 'full'
  | 'read-only'
  | 'denied'
  | 'damaged'
  | 'locked'
  | 'missing'
  | 'not-a-file'
  | 'other';

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const SQLITE: Readonly<Record<number, Fault>> = {
  3: 'denied',
  5: 'locked',
  6: 'locked',
  8: 'read-only',
  11: 'damaged',
  13: 'full',
  26: 'damaged',
};
const SYSTEM: Readonly<Record<string, Fault>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EISDIR: 'not-a-file',
};

/** The kind of anything caught. */
export function faultOf(caught: unknown): Fault {
  const { errcode, code } = fieldsOf(caught);
  if (typeof errcode === 'number') return SQLITE[errcode & 0xff] ?? 'other';
  return typeof code === 'string' ? (SYSTEM[code] ?? 'other') : 'other';
}

/** Whether another process holds a lock that it may give up soon. */
export function isBusy(caught: unknown): boolean {
  return faultOf(caught) === 'locked';
}
