/** The table of users: its statements, and a row as a user. Judges nothing. */
import type { Json } from '../../core/values/json.ts';
import { foldName, type User } from '../../core/people/user.ts';
import type { Database } from './database.ts';
import { skeletonOf } from './skeleton.ts';

/** A row as SQLite gives it. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly email: string;
  readonly email_verified: number;
  readonly groups: string;
  readonly attributes: string;
  readonly disabled: number;
  readonly password_hash: string | null;
  readonly password_set_at: number | null;
}

/** Most rows of one list. */
const MAX_LIST = 1_000;
const COLUMNS =
  'id, name, display_name, email, email_verified, groups, attributes, disabled, password_hash, password_set_at';

/** Statements over one database; all but the reads belong into a transaction. */
export function usersTable(db: Database) {
  const byId = db.prepare(`SELECT ${COLUMNS} FROM users WHERE id = ?`);
  const byName = db.prepare(`SELECT ${COLUMNS} FROM users WHERE folded_name = ?`);
  const byEmail = db.prepare(
    `SELECT ${COLUMNS} FROM users WHERE folded_email = ? AND email_verified = 1`,
  );
  const alike = db.prepare(
    'SELECT name FROM users WHERE skeleton = ? AND folded_name <> ? AND id <> ? LIMIT 1',
  );
  const list = db.prepare(
    `SELECT ${COLUMNS} FROM users WHERE folded_name > ? ORDER BY folded_name LIMIT ?`,
  );
  const insert = db.prepare(
    `INSERT INTO users (name, folded_name, skeleton, display_name, email, folded_email, email_verified, groups,
       attributes, disabled, changed_at, id, password_hash, created_at, password_set_at)
     VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
  );
  const update = db.prepare(
    `UPDATE users SET name = ?, folded_name = ?, skeleton = ?, display_name = ?, email = ?, folded_email = ?,
       email_verified = ?, groups = ?, attributes = ?, disabled = ?, changed_at = ? WHERE id = ?`,
  );
  const setHash = db.prepare(
    'UPDATE users SET password_hash = ?, changed_at = ?, password_set_at = ? WHERE id = ?',
  );
  const replaceHash = db.prepare(
    'UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?',
  );
  // Ids are random, so the first ones are a fair sample.
  const sample = db.prepare(
    'SELECT password_hash FROM users WHERE password_hash IS NOT NULL ORDER BY id LIMIT ?',
  );
  const remove = db.prepare('DELETE FROM users WHERE id = ?');
  return {
    byId: (id: string) => one(byId.get(id)),
    byName: (folded: string) => one(byName.get(folded)),
    /** By verified address. */
    byEmail: (folded: string) => one(byEmail.get(folded)),
    /** The name of a user, other than one, whose name looks like another one and differs from it. */
    nameAlike: (name: string, exceptId: string) =>
      (alike.get(skeletonOf(name), foldName(name), exceptId) as { name: string } | undefined)
        ?.name ?? null,
    /** By folded name, after one. */
    list: (after: string, limit: number) =>
      list.all(after, Math.min(MAX_LIST, Math.max(0, Math.trunc(limit)))) as unknown as Row[],
    insert(user: User, hash: string | null, now: number) {
      insert.run(...valuesOf(user), now, user.id, hash, now, user.passwordSetAt);
    },
    update(user: User, now: number) {
      update.run(...valuesOf(user), now, user.id);
    },
    setHash: (id: string, hash: string, now: number, setAt: number | null) =>
      void setHash.run(hash, now, setAt, id),
    /** The same password in another form: how old it is does not change. */
    replaceHash: (id: string, old: string, hash: string) => void replaceHash.run(hash, id, old),
    sampleHashes: (limit: number) =>
      (sample.all(limit) as { password_hash: string }[]).map((row) => row.password_hash),
    remove: (id: string) => void remove.run(id),
  };
}

function one(row: unknown): Row | null {
  return (row as Row | undefined) ?? null;
}

function valuesOf(user: User) {
  const email = foldName(user.email);
  return [
    user.name,
    foldName(user.name),
    skeletonOf(user.name),
    user.displayName,
    user.email,
    email === '' ? null : email,
    user.emailVerified && email !== '' ? 1 : 0,
    JSON.stringify(user.groups),
    JSON.stringify(user.attributes),
    user.disabled ? 1 : 0,
  ] as const;
}

/** The person in a row. */
export function userOf(row: Row): User {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    email: row.email,
    emailVerified: row.email_verified !== 0,
    groups: JSON.parse(row.groups) as string[],
    attributes: JSON.parse(row.attributes) as Record<string, Json>,
    disabled: row.disabled !== 0,
    passwordSetAt: row.password_set_at,
  };
}
