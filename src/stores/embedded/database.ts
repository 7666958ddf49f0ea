/** The state file, as `sqlite/` opens it: losing it signs every user out and loses nothing else. */
import type { Problem } from '../../core/values/problem.ts';
import { type Database, openSqlite } from '../../database/database.ts';
import { MIGRATIONS } from './schema.ts';

export type { Database } from '../../database/database.ts';

/** Opens or makes the file. Problems `store/unusable` and `store/newer` name it and the remedy. */
export function openDatabase(path: string, onFull?: (problem: Problem) => void): Database {
  return openSqlite(path, {
    code: 'store',
    name: 'state file',
    role: 'session store',
    migrations: MIGRATIONS,
    pragmas: '',
    lasting: false,
    block: 20,
    attempts: 40,
    loss: 'Without a backup, move the damaged file away after copying it: all users sign in again, and nothing else is lost.',
    newer: 'Run that one, or move the file away (all users sign in again).',
    onFull,
  });
}
