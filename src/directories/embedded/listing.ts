/** The users of the file as a list, read without writing: the file may be of an older release, or not there yet. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { ListedUser } from '../../core/setup/adapters.ts';
import { Problem } from '../../core/values/problem.ts';

/** The release from which on addresses are marked as verified; those before are taken for it. */
const VERIFIED_SINCE = 3;

/** Problem `directory/unusable` for a file that cannot be read. */
export function listUsers(path: string): readonly ListedUser[] {
  if (!existsSync(path)) return [];
  try {
    using db = new DatabaseSync(path, { readOnly: true, timeout: 2_000, allowExtension: false });
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version === 0) return [];
    const verified = version < VERIFIED_SINCE ? "email <> ''" : 'email_verified';
    const rows = db
      .prepare(`SELECT id, name, email, ${verified} AS verified, password_hash AS hash FROM users`)
      .all() as {
      id: string;
      name: string;
      email: string;
      verified: number;
      hash: string | null;
    }[];
    return rows.map(({ id, name, email, verified: isVerified, hash }) => ({
      user: { id, name, email, emailVerified: isVerified !== 0 },
      passwordHash: hash,
    }));
  } catch (cause) {
    throw new Problem('directory/unusable', `The users file ${path} cannot be read.`, { cause });
  }
}
