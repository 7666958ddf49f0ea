/** The accounts file, as `sqlite/` opens it. Nothing of it can be made anew: it is only ever restored. */
import { type Database, openSqlite } from '../database/database.ts';
import { MIGRATIONS } from './schema.ts';

export type { Database } from '../database/database.ts';

/** Opens or makes the file. Problems `accounts/unusable` and `accounts/newer` name the remedy. */
export function openDatabase(path: string): Database {
  return openSqlite(path, {
    code: 'accounts',
    name: 'accounts file',
    role: 'store of accounts',
    migrations: MIGRATIONS,
    // What is deleted is overwritten: a secret that was removed is not left in a free page.
    pragmas: 'PRAGMA secure_delete = ON;',
    lasting: true,
    block: 50,
    attempts: 25,
    loss: 'Do not start without it: second factors, passkeys and invitations would be gone.',
    newer: 'Run that one.',
  });
}

/** SQLITE_CONSTRAINT (19), extended codes included: what is there already. */
export function isConflict(caught: unknown): boolean {
  const code = (caught as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' && (code & 0xff) === 19;
}
