/** The users of the file as a list, read without writing: the file may be from an older release, or missing. */
import { existsSync } from 'node:fs';
import type { ListedUser } from '../../core/setup/adapters.ts';
import { inspectFile } from '../../database/open-file.ts';
import { flag, text, textOrNull } from '../../database/rows.ts';
import { DIRECTORY_KIND } from './schema.ts';

/** The first migration that distinguishes verified addresses; all addresses before it count as verified. */
const VERIFIED_SINCE = 3;

/** Problem `directory/unusable` for a file that cannot be read. */
export function listUsers(path: string): readonly ListedUser[] {
  if (!existsSync(path)) return [];
  return inspectFile(path, DIRECTORY_KIND, (rowsOf, { version }) => {
    if (version === 0) return [];
    const verified = version < VERIFIED_SINCE ? "email <> ''" : 'email_verified';
    const sql = `SELECT id, name, email, ${verified} AS verified, password_hash AS hash FROM users`;
    return rowsOf(sql).map((row) => ({
      user: {
        id: text(row, 'id'),
        name: text(row, 'name'),
        email: text(row, 'email'),
        emailVerified: flag(row, 'verified'),
      },
      passwordHash: textOrNull(row, 'hash'),
    }));
  });
}
