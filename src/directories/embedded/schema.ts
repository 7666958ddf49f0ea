/** The tables of users, and how they are opened. The file `directory.db` cannot be created anew, only restored. */
import type { DatabaseKind, Migration } from '../../database/kind.ts';
import { schemaOf } from '../../database/postgres/statement.ts';
import { skeletonOf } from './skeleton.ts';

function sqliteOnly(sqlite: string): Migration {
  return { sqlite, postgres: '' };
}

/**
 * One step for each release that changes the tables. A released step is never edited. Postgres has no
 * databases of releases before version 5: there, the first step makes the tables of that version.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    sqlite: `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    folded_email TEXT UNIQUE,
    groups TEXT NOT NULL,
    attributes TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL
  ) STRICT;
  `,
    postgres: schemaOf(`
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    folded_email TEXT,
    email_verified INTEGER NOT NULL,
    groups TEXT NOT NULL,
    attributes TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    password_set_at INTEGER,
    skeleton TEXT NOT NULL
  );
  CREATE UNIQUE INDEX users_verified_email ON users (folded_email) WHERE email_verified = 1;
  CREATE INDEX users_skeleton ON users (skeleton);
  CREATE TABLE changes (seq INTEGER PRIMARY KEY, user_id TEXT NOT NULL);
  CREATE TABLE pair (accounts TEXT, is_legacy INTEGER NOT NULL);
  INSERT INTO pair (accounts, is_legacy) VALUES (NULL, 0);
  `),
  },
  // Passwords that are there were set no earlier than their users, which is the most that is certain.
  sqliteOnly(`
  ALTER TABLE users ADD COLUMN password_set_at INTEGER;
  UPDATE users SET password_set_at = created_at WHERE password_hash IS NOT NULL;
  `),
  // Verified addresses belong to one user, unverified ones are claims that several may make. Earlier
  // releases did not tell the two apart and gave every address to apps: those that are there stay valid.
  sqliteOnly(`
  CREATE TABLE users_next (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    folded_email TEXT,
    email_verified INTEGER NOT NULL,
    groups TEXT NOT NULL,
    attributes TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    password_set_at INTEGER
  ) STRICT, WITHOUT ROWID;
  INSERT INTO users_next
    SELECT id, name, folded_name, display_name, email, folded_email, folded_email IS NOT NULL,
      groups, attributes, disabled, password_hash, created_at, changed_at, password_set_at
    FROM users;
  DROP TABLE users;
  ALTER TABLE users_next RENAME TO users;
  CREATE UNIQUE INDEX users_verified_email ON users (folded_email) WHERE email_verified = 1;
  `),
  // Which accounts file belongs here (pair.ts). Users of release 0.1 came without a name for it.
  sqliteOnly(`
  CREATE TABLE IF NOT EXISTS pair (accounts TEXT, is_legacy INTEGER NOT NULL) STRICT;
  INSERT INTO pair (accounts, is_legacy)
    SELECT NULL, EXISTS (SELECT 1 FROM users) WHERE NOT EXISTS (SELECT 1 FROM pair);
  `),
  // New names are compared with those that exist; DIRECTORY_KIND has skeleton().
  sqliteOnly(`
  ALTER TABLE users ADD COLUMN skeleton TEXT NOT NULL DEFAULT '';
  UPDATE users SET skeleton = skeleton(folded_name);
  CREATE INDEX users_skeleton ON users (skeleton);
  `),
  // Hashes are sampled (directory.ts), also among many users without one.
  `
  CREATE INDEX IF NOT EXISTS users_with_password ON users (id) WHERE password_hash IS NOT NULL;
  `,
];

export const DIRECTORY_KIND: DatabaseKind = {
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
  newer: 'Run that one, or restore a copy from before the upgrade.',
};
