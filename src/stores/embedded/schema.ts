/** The file `state.db`: its tables, and how it is opened. Losing it signs all users out and loses nothing else. */
import type { DatabaseKind } from '../../database/kind.ts';

/** One step for each release that changes the tables. A released step is never edited. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    idle INTEGER NOT NULL,
    ip TEXT NOT NULL,
    agent TEXT NOT NULL,
    sealed BLOB NOT NULL,
    ends_at INTEGER GENERATED ALWAYS AS (min(expires_at, seen_at + idle)) STORED
  ) STRICT;
  CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
  CREATE INDEX sessions_by_age ON sessions (created_at);
  CREATE INDEX sessions_by_end ON sessions (ends_at);

  CREATE TABLE plans (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX plans_by_end ON plans (expires_at);

  CREATE TABLE tries (
    key TEXT PRIMARY KEY,
    taken INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tries_by_end ON tries (forget_at);

  -- What other processes must hear of: the session that ended, null for "many".
  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT,
    at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE marks (
    key TEXT PRIMARY KEY,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX marks_by_end ON marks (until);
  `,
  `
  CREATE TABLE scores (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX scores_by_end ON scores (forget_at);
  `,
  `
  CREATE TABLE handovers (
    id TEXT PRIMARY KEY,
    until INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX handovers_by_end ON handovers (until);
  `,
  `
  CREATE TABLE unsent (
    id TEXT PRIMARY KEY,
    until INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX unsent_by_end ON unsent (until);
  `,
  `
  CREATE TABLE source_sessions (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    until INTEGER NOT NULL,
    account TEXT NOT NULL,
    visit TEXT NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX source_sessions_by_account ON source_sessions (account);
  CREATE INDEX source_sessions_by_visit ON source_sessions (visit);
  CREATE INDEX source_sessions_by_end ON source_sessions (until);
  CREATE TRIGGER source_session_ends AFTER DELETE ON sessions BEGIN
    DELETE FROM source_sessions WHERE id = old.id;
  END;

  CREATE TABLE source_withdrawals (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX source_withdrawals_by_end ON source_withdrawals (until);
  `,
  // Metrics count live sessions: an index alone answers, without the sessions themselves.
  `
  DROP INDEX sessions_by_end;
  CREATE INDEX sessions_by_end ON sessions (ends_at, created_at, seen_at);
  `,
];

export const STATE_KIND: DatabaseKind = {
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
};
