/**
 * How an authenticator's data and a past password's hash lie in the file: sealed, and bound to whose it is and what it is
 * found by, so that a row that was altered or moved opens nothing.
 */
import type { Authenticator } from '../core/people/account.ts';
import type { Vault } from '../core/values/system.ts';
import { Problem } from '../core/values/problem.ts';
import type { Database } from './database.ts';

/** What is bound to the data. */
export type SealedTo = Pick<Authenticator, 'id' | 'userId' | 'kind' | 'handle'>;

/** What is bound to the hash of a password. */
interface PasswordSealedTo {
  readonly userId: string;
  readonly at: number;
}

type PasswordRow = { seq: number; user_id: string; at: number; sealed: Uint8Array };
type Row = { id: string; user_id: string; kind: string; handle: string; sealed: Uint8Array };

const PURPOSE = 'account';
/** Rows renewed at a time. */
const PIECE = 500;

/** Seals the text of the data. */
export function sealData(vault: Vault, to: SealedTo, text: string): Uint8Array {
  return vault.seal(PURPOSE, binding(to), text);
}

/** The text of the data; null: no configured secret opens it. */
export function sealedText(vault: Vault, to: SealedTo, sealed: Uint8Array): string | null {
  return vault.open(PURPOSE, binding(to), sealed);
}

/**
 * The data again. Problem `accounts/sealed` (503) when it does not open: somebody whose second factor
 * cannot be read is not somebody without one.
 */
export function openData(vault: Vault, to: SealedTo, sealed: Uint8Array): Authenticator['data'] {
  const text = sealedText(vault, to, sealed);
  if (text !== null) return JSON.parse(text) as Authenticator['data'];
  throw new Problem(
    'accounts/sealed',
    'An authenticator was sealed by a secret that is no longer in session.secrets: put it back, or reset the authenticators of that person.',
    { status: 503 },
  );
}

/** What came of renewing. */
export interface Renewal {
  /** Sealed anew by the first secret. */
  readonly renewed: number;
  /** Sealed by no secret there is; left as they are. */
  readonly lost: number;
}

/** Seals everything by the first secret when it was another one before, so that older ones may be dropped. */
export function renewSeals(db: Database, vault: Vault): Promise<Renewal> {
  const proof = vault.sign(PURPOSE, 'seal');
  const known = db.prepare('SELECT proof FROM seal');
  const forget = db.prepare('DELETE FROM seal');
  const keep = db.prepare('INSERT INTO seal (proof) VALUES (?)');
  return db.write(() => {
    const before = known.get() as { proof: string } | undefined;
    if (before?.proof === proof) return { renewed: 0, lost: 0 };
    const parts = [renewAuthenticators(db, vault), renewPasswords(db, vault)];
    forget.run();
    keep.run(proof);
    return {
      renewed: parts.reduce((sum, part) => sum + part.renewed, 0),
      lost: parts.reduce((sum, part) => sum + part.lost, 0),
    };
  });
}

function renewAuthenticators(db: Database, vault: Vault): Renewal {
  const after = db.prepare(
    `SELECT id, user_id, kind, handle, sealed FROM authenticators WHERE id > ? ORDER BY id LIMIT ${PIECE}`,
  );
  const update = db.prepare('UPDATE authenticators SET sealed = ? WHERE id = ?');
  return renewAll(
    (last: string) => after.all(last) as Row[],
    ({ id }) => id,
    '',
    (row) => {
      const to = { ...row, userId: row.user_id, kind: row.kind as Authenticator['kind'] };
      const text = vault.open(PURPOSE, binding(to), row.sealed);
      if (text !== null) update.run(sealData(vault, to, text), row.id);
      return text !== null;
    },
  );
}

function renewPasswords(db: Database, vault: Vault): Renewal {
  const after = db.prepare(
    `SELECT seq, user_id, at, sealed FROM passwords WHERE seq > ? ORDER BY seq LIMIT ${PIECE}`,
  );
  const update = db.prepare('UPDATE passwords SET sealed = ? WHERE seq = ?');
  return renewAll(
    (last: number) => after.all(last) as PasswordRow[],
    ({ seq }) => seq,
    0,
    (row) => {
      const to = { userId: row.user_id, at: row.at };
      const hash = vault.open(PURPOSE, passwordBinding(to), row.sealed);
      if (hash !== null) update.run(sealPassword(vault, to, hash), row.seq);
      return hash !== null;
    },
  );
}

/** A piece after the other, from the key `before` on; `renew` says whether it could be opened. */
function renewAll<R, K>(
  after: (last: K) => readonly R[],
  keyOf: (row: R) => K,
  before: K,
  renew: (row: R) => boolean,
): Renewal {
  let [renewed, lost, last] = [0, 0, before];
  for (;;) {
    const rows = after(last);
    for (const row of rows) {
      if (renew(row)) renewed += 1;
      else lost += 1;
      last = keyOf(row);
    }
    if (rows.length < PIECE) return { renewed, lost };
  }
}

/** Seals the hash of a password. */
export function sealPassword(vault: Vault, to: PasswordSealedTo, hash: string): Uint8Array {
  return vault.seal(PURPOSE, passwordBinding(to), hash);
}

/** The hash again. Problem `accounts/sealed` (503): one that cannot be read may be the one that is typed. */
export function openPassword(vault: Vault, to: PasswordSealedTo, sealed: Uint8Array): string {
  const hash = vault.open(PURPOSE, passwordBinding(to), sealed);
  if (hash !== null) return hash;
  throw new Problem(
    'accounts/sealed',
    'A past password was sealed by a secret that is no longer in session.secrets: put it back.',
    { status: 503 },
  );
}

function passwordBinding({ userId, at }: PasswordSealedTo): string {
  return `password ${at} ${userId.length}:${userId}`;
}

/** The length stands before what is free text, so that no two read alike. */
function binding({ id, userId, kind, handle }: SealedTo): string {
  return `${id} ${kind} ${userId.length}:${userId} ${handle}`;
}
