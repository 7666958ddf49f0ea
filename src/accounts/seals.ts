/**
 * Seals authenticator data and the hashes of past passwords. Each seal is bound to its owner and to what
 * the row is found by, so a row that was altered or moved cannot be opened.
 */
import type { Authenticator } from '../core/people/account.ts';
import type { Vault } from '../core/values/system.ts';
import { Problem } from '../core/values/problem.ts';
import type { Database } from '../database/database.ts';
import { bytes, integer, parseObject, text } from '../database/rows.ts';
import { command, query, type Row, type Steps } from '../database/sql.ts';

/** What authenticator data is bound to. */
export interface SealedTo extends Pick<Authenticator, 'id' | 'userId' | 'handle'> {
  readonly kind: string;
}

/** What the hash of a password is bound to. */
interface PasswordSealedTo {
  readonly userId: string;
  readonly at: number;
}

const PURPOSE = 'account';
/** Rows renewed per statement. */
const PIECE = 500;

/** Seals the text of the data. */
export function sealData(vault: Vault, to: SealedTo, json: string): Uint8Array {
  return vault.seal(PURPOSE, binding(to), json);
}

/** The text of the data; null: no configured secret opens it. */
export function sealedText(vault: Vault, to: SealedTo, sealed: Uint8Array): string | null {
  return vault.open(PURPOSE, binding(to), sealed);
}

/**
 * The opened data. Problem `accounts/sealed` (503) if no configured secret opens it: a user whose second
 * factor cannot be read is not a user without one.
 */
export function openData(vault: Vault, to: SealedTo, sealed: Uint8Array): Authenticator['data'] {
  const json = sealedText(vault, to, sealed);
  const data = json === null ? null : parseObject(json);
  if (data !== null) return data;
  throw new Problem(
    'accounts/sealed',
    'An authenticator was sealed with a secret that is no longer in session.secrets: restore that secret, or reset the authenticators of this user.',
    { status: 503 },
  );
}

/** What the data of a row is bound to. */
export function sealedToOf(row: Row): SealedTo {
  return {
    id: text(row, 'id'),
    userId: text(row, 'user_id'),
    kind: text(row, 'kind'),
    handle: text(row, 'handle'),
  };
}

/** The outcome of renewing. */
export interface Renewal {
  /** Rows sealed again with the first secret. */
  readonly renewed: number;
  /** Rows that no configured secret opens; left as they are. */
  readonly lost: number;
}

/** Which secret everything is sealed with, as a proof of it. */
const PROOF = query('SELECT proof FROM seal', (row) => text(row, 'proof'));
const FORGET_PROOF = command('DELETE FROM seal');
const SAVE_PROOF = command('INSERT INTO seal (proof) VALUES (?)');

/** Seals everything with the first secret, if it was sealed with another one: then older secrets can be removed. */
export function renewSeals(db: Database, vault: Vault): Promise<Renewal> {
  const proof = vault.sign(PURPOSE, 'seal');
  return db.write(function* () {
    if ((yield* PROOF.first()) === proof) return { renewed: 0, lost: 0 };
    const authenticators = yield* renewAll(AUTHENTICATORS, (row) => resealData(vault, row));
    const passwords = yield* renewAll(PASSWORDS, (row) => resealPassword(vault, row));
    yield* FORGET_PROOF();
    yield* SAVE_PROOF(proof);
    return {
      renewed: authenticators.renewed + passwords.renewed,
      lost: authenticators.lost + passwords.lost,
    };
  });
}

/** Whether a configured secret is the one with which everything was last sealed; true if nothing was. */
export async function opensSeals(db: Database, vault: Vault): Promise<boolean> {
  const proof = await db.read(() => PROOF.first());
  return proof === null || vault.verify(PURPOSE, 'seal', proof);
}

/** A table with sealed rows, and the column by which its rows are walked. */
interface SealedTable {
  readonly name: string;
  readonly columns: string;
  readonly key: 'id' | 'seq';
  /** Comes before every key. */
  readonly start: string | number;
}

const AUTHENTICATORS: SealedTable = {
  name: 'authenticators',
  columns: 'id, user_id, kind, handle, sealed',
  key: 'id',
  start: '',
};
const PASSWORDS: SealedTable = {
  name: 'passwords',
  columns: 'seq, user_id, at, sealed',
  key: 'seq',
  start: 0,
};

/** Walks a table in pieces; `reseal` returns null for a row that cannot be opened. */
function* renewAll(
  { name, columns, key, start }: SealedTable,
  reseal: (row: Row) => Uint8Array | null,
): Steps<Renewal> {
  const next = query(
    `SELECT ${columns} FROM ${name} WHERE ${key} > ? ORDER BY ${key} LIMIT ${PIECE}`,
    (row) => ({ key: key === 'id' ? text(row, key) : integer(row, key), sealed: reseal(row) }),
  );
  const update = command(`UPDATE ${name} SET sealed = ? WHERE ${key} = ?`);
  let [renewed, lost, last] = [0, 0, start];
  for (;;) {
    const rows = yield* next.all(last);
    for (const row of rows) {
      if (row.sealed === null) lost += 1;
      else renewed += yield* update(row.sealed, row.key);
      last = row.key;
    }
    if (rows.length < PIECE) return { renewed, lost };
  }
}

function resealData(vault: Vault, row: Row): Uint8Array | null {
  const to = sealedToOf(row);
  const json = sealedText(vault, to, bytes(row, 'sealed'));
  return json === null ? null : sealData(vault, to, json);
}

function resealPassword(vault: Vault, row: Row): Uint8Array | null {
  const to = { userId: text(row, 'user_id'), at: integer(row, 'at') };
  const hash = vault.open(PURPOSE, passwordBinding(to), bytes(row, 'sealed'));
  return hash === null ? null : sealPassword(vault, to, hash);
}

/** Seals the hash of a password. */
export function sealPassword(vault: Vault, to: PasswordSealedTo, hash: string): Uint8Array {
  return vault.seal(PURPOSE, passwordBinding(to), hash);
}

/** The opened hash. Problem `accounts/sealed` (503): a password that cannot be read may be the one just chosen. */
export function openPassword(vault: Vault, to: PasswordSealedTo, sealed: Uint8Array): string {
  const hash = vault.open(PURPOSE, passwordBinding(to), sealed);
  if (hash !== null) return hash;
  throw new Problem(
    'accounts/sealed',
    'A past password was sealed with a secret that is no longer in session.secrets: restore that secret.',
    { status: 503 },
  );
}

function passwordBinding({ userId, at }: PasswordSealedTo): string {
  return `password ${at} ${userId.length}:${userId}`;
}

/** Free text is preceded by its length, so no two bindings are equal. */
function binding({ id, userId, kind, handle }: SealedTo): string {
  return `${id} ${kind} ${userId.length}:${userId} ${handle}`;
}
