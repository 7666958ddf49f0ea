/** The file of the embedded directory, as `sqlite/` opens it. */
import { type Database, openSqlite } from '../../database/database.ts';
import { MIGRATIONS } from './schema.ts';
import { skeletonOf } from './skeleton.ts';

export type { Database } from '../../database/database.ts';

/** Opens or makes the file. Problems `directory/unusable` and `directory/newer` name the remedy. */
export function openDatabase(path: string): Database {
  return openSqlite(path, {
    code: 'directory',
    name: 'users file',
    role: 'user directory',
    migrations: MIGRATIONS,
    functions: { skeleton: skeletonOf },
    pragmas: '',
    lasting: true,
    block: 50,
    attempts: 25,
    loss: 'Do not start without it: all users would be gone.',
    newer: 'Run that one.',
  });
}
