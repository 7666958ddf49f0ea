/** The file `accounts.db`: its tables, and how it is opened. It cannot be created anew, only restored. */
import type { DatabaseKind } from '../database/kind.ts';

/** One step for each release that changes the tables. A released step is never edited. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE authenticators (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    handle TEXT NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX authenticators_by_user ON authenticators (user_id, kind, created_at);
  CREATE UNIQUE INDEX authenticators_by_handle ON authenticators (kind, handle) WHERE handle <> '';

  CREATE TABLE devices (
    user_id TEXT NOT NULL,
    device TEXT NOT NULL,
    agent TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    factor_at INTEGER,
    PRIMARY KEY (user_id, device)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX devices_by_age ON devices (last_at);

  CREATE TABLE consents (
    user_id TEXT NOT NULL,
    route TEXT NOT NULL,
    permissions TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (user_id, route)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    token_name TEXT NOT NULL UNIQUE,
    flow TEXT NOT NULL,
    single_use INTEGER NOT NULL,
    data TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX invitations_by_age ON invitations (created_at);
  CREATE INDEX invitations_by_end ON invitations (expires_at);

  -- By which secret everything is sealed, as a proof of it.
  CREATE TABLE seal (
    proof TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE sign_ins (
    seq INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    ip TEXT NOT NULL,
    device TEXT
  ) STRICT;
  CREATE INDEX sign_ins_by_user ON sign_ins (user_id, seq);
  `,
  `
  CREATE TABLE passwords (
    seq INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX passwords_by_user ON passwords (user_id, seq);
  `,
  `
  -- Sessions issued before valid_from have ended, but the spared one; user_id '' is all users.
  CREATE TABLE session_floors (
    user_id TEXT PRIMARY KEY,
    valid_from INTEGER NOT NULL,
    spared TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE ended_sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ended_sessions_by_user ON ended_sessions (user_id, at);
  CREATE INDEX ended_sessions_by_end ON ended_sessions (until);
  `,
  // The id of this file (file-id.ts), at most one row.
  `
  CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL, is_paired INTEGER NOT NULL) STRICT;
  `,
  `
  -- Wrong second factors in a row; "at" is when the last one was counted.
  CREATE TABLE factor_tries (
    user_id TEXT PRIMARY KEY,
    taken INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Tokens, and which users' tokens changed (change-log.ts).
  `
  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    text_name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    routes TEXT NOT NULL,
    methods TEXT NOT NULL,
    networks TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_by_user ON tokens (user_id, created_at);

  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- Users whose ids are names (named-users.ts). "mark" differs for each password hash; '' is unknown.
  CREATE TABLE named_users (
    user_id TEXT PRIMARY KEY,
    directory TEXT NOT NULL,
    mark TEXT NOT NULL,
    gone_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX named_users_by_directory ON named_users (directory);
  `,
  // Accounts at other providers.
  `
  CREATE TABLE source_links (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (issuer, subject)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX source_links_by_user ON source_links (user_id, created_at);
  `,
  // `token list` of all users.
  `
  CREATE INDEX tokens_by_age ON tokens (created_at DESC, id);
  `,
];

export const ACCOUNTS_KIND: DatabaseKind = {
  code: 'accounts',
  name: 'accounts file',
  role: 'store of accounts',
  migrations: MIGRATIONS,
  // Deleted rows are overwritten: no removed secret stays in a free page.
  pragmas: 'PRAGMA secure_delete = ON;',
  lasting: true,
  block: 50,
  attempts: 25,
  loss: 'Do not start without it: second factors, passkeys and invitations would be gone.',
  newer: 'Run that one, or restore a copy from before the upgrade.',
};
