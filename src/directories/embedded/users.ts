/** The table of users: its statements and its rows. The rules are in `directory.ts`. */
import { foldName, type User } from '../../core/people/user.ts';
import { flag, integerOrNull, object, text, textOrNull, texts } from '../../database/rows.ts';
import { command, exists, query, type Row } from '../../database/sql.ts';
import { skeletonOf } from './skeleton.ts';

/** A user with the hash of the password, if there is one. */
export interface StoredUser {
  readonly user: User;
  readonly passwordHash: string | null;
}

/** Most users one list returns. */
const MAX_LIST = 1_000;
const COLUMNS =
  'id, name, display_name, email, email_verified, groups, attributes, disabled, password_hash, password_set_at';

const BY_ID = query(`SELECT ${COLUMNS} FROM users WHERE id = ?`, storedUserOf);
const BY_NAME = query(`SELECT ${COLUMNS} FROM users WHERE folded_name = ?`, storedUserOf);
const BY_EMAIL = query(
  `SELECT ${COLUMNS} FROM users WHERE folded_email = ? AND email_verified = 1`,
  storedUserOf,
);
const IS_TAKEN = exists(
  `SELECT 1 FROM users
   WHERE (folded_name = ?1 OR (folded_email = ?1 AND email_verified = 1)) AND id <> ?2 LIMIT 1`,
);
const ALIKE = query(
  'SELECT name FROM users WHERE skeleton = ? AND folded_name <> ? AND id <> ? LIMIT 1',
  (row) => text(row, 'name'),
);
const LIST = query(
  `SELECT ${COLUMNS} FROM users WHERE folded_name > ? ORDER BY folded_name LIMIT ?`,
  storedUserOf,
);
const INSERT = command(
  `INSERT INTO users (name, folded_name, skeleton, display_name, email, folded_email, email_verified, groups,
     attributes, disabled, changed_at, id, password_hash, created_at, password_set_at)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);
const UPDATE = command(
  `UPDATE users SET name = ?, folded_name = ?, skeleton = ?, display_name = ?, email = ?, folded_email = ?,
     email_verified = ?, groups = ?, attributes = ?, disabled = ?, changed_at = ? WHERE id = ?`,
);
const SET_HASH = command(
  'UPDATE users SET password_hash = ?, changed_at = ?, password_set_at = ? WHERE id = ?',
);
const REPLACE_HASH = command(
  'UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?',
);
// Ids are random, so the first ones are a fair sample.
const SAMPLE = query(
  'SELECT password_hash FROM users WHERE password_hash IS NOT NULL ORDER BY id LIMIT ?',
  (row) => text(row, 'password_hash'),
);
const REMOVE = command('DELETE FROM users WHERE id = ?');

/** The table of users; everything that writes belongs into a transaction. */
export const users = {
  byId: (id: string) => BY_ID.first(id),
  byName: (folded: string) => BY_NAME.first(folded),
  /** By verified address. */
  byEmail: (folded: string) => BY_EMAIL.first(folded),
  /** Whether another user than `exceptId` has this name or verified address. */
  isTaken: (folded: string, exceptId: string) => IS_TAKEN(folded, exceptId),
  /** The name of another user than `exceptId` that looks like this name and differs from it; null if none does. */
  nameAlike: (name: string, exceptId: string) =>
    ALIKE.first(skeletonOf(name), foldName(name), exceptId),
  /** By folded name, those after `after`. */
  list: (after: string, limit: number) =>
    LIST.all(after, Math.min(MAX_LIST, Math.max(0, Math.trunc(limit)))),
  insert: (user: User, hash: string | null, now: number) =>
    INSERT(...valuesOf(user), now, user.id, hash, now, user.passwordSetAt),
  update: (user: User, now: number) => UPDATE(...valuesOf(user), now, user.id),
  setHash: (id: string, hash: string, now: number, setAt: number | null) =>
    SET_HASH(hash, now, setAt, id),
  /** The same password in another form: its age does not change. */
  replaceHash: (id: string, old: string, hash: string) => REPLACE_HASH(hash, id, old),
  sampleHashes: (limit: number) => SAMPLE.all(limit),
  remove: (id: string) => REMOVE(id),
};

function valuesOf(user: User) {
  const email = foldName(user.email);
  return [
    user.name,
    foldName(user.name),
    skeletonOf(user.name),
    user.displayName,
    user.email,
    email === '' ? null : email,
    user.emailVerified && email !== '',
    JSON.stringify(user.groups),
    JSON.stringify(user.attributes),
    user.disabled,
  ] as const;
}

function storedUserOf(row: Row): StoredUser {
  const user = {
    id: text(row, 'id'),
    name: text(row, 'name'),
    displayName: text(row, 'display_name'),
    email: text(row, 'email'),
    emailVerified: flag(row, 'email_verified'),
    groups: texts(row, 'groups'),
    attributes: object(row, 'attributes'),
    disabled: flag(row, 'disabled'),
    passwordSetAt: integerOrNull(row, 'password_set_at'),
  };
  return { user, passwordHash: textOrNull(row, 'password_hash') };
}
