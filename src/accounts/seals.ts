/**
 * How an authenticator's data lies in the file: sealed, and bound to whose it is and what it is
 * found by, so that a row that was altered or moved opens nothing.
 */
import type { Authenticator } from '../core/account.ts';
import type { Vault } from '../core/ports.ts';
import { Problem } from '../core/problem.ts';
import type { Database } from './database.ts';

/** What is bound to the data. */
export type SealedTo = Pick<Authenticator, 'id' | 'userId' | 'kind' | 'handle'>;

type Row = { id: string; user_id: string; kind: string; handle: string; sealed: Uint8Array };

const PURPOSE = 'account';
/** Rows renewed at a time. */
const PIECE = 500;

/** Seals the text of the data. */
export function sealData(vault: Vault, to: SealedTo, text: string): Uint8Array {
  return vault.seal(PURPOSE, binding(to), text);
}

/**
 * The data again. Problem `accounts/sealed` (503) when it does not open: somebody whose second factor
 * cannot be read is not somebody without one.
 */
export function openData(vault: Vault, to: SealedTo, sealed: Uint8Array): Authenticator['data'] {
  const text = vault.open(PURPOSE, binding(to), sealed);
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
  const after = db.prepare(
    `SELECT id, user_id, kind, handle, sealed FROM authenticators WHERE id > ? ORDER BY id LIMIT ${PIECE}`,
  );
  const update = db.prepare('UPDATE authenticators SET sealed = ? WHERE id = ?');
  const forget = db.prepare('DELETE FROM seal');
  const keep = db.prepare('INSERT INTO seal (proof) VALUES (?)');
  return db.write(() => {
    const before = known.get() as { proof: string } | undefined;
    if (before?.proof === proof) return { renewed: 0, lost: 0 };
    let [renewed, lost, last] = [0, 0, ''];
    for (;;) {
      const rows = after.all(last) as Row[];
      for (const row of rows) {
        const to = { ...row, userId: row.user_id, kind: row.kind as Authenticator['kind'] };
        const text = vault.open(PURPOSE, binding(to), row.sealed);
        if (text === null) lost += 1;
        else {
          update.run(sealData(vault, to, text), row.id);
          renewed += 1;
        }
      }
      last = rows.at(-1)?.id ?? '';
      if (rows.length < PIECE) break;
    }
    forget.run();
    keep.run(proof);
    return { renewed, lost };
  });
}

/** The length stands before what is free text, so that no two read alike. */
function binding({ id, userId, kind, handle }: SealedTo): string {
  return `${id} ${kind} ${userId.length}:${userId} ${handle}`;
}
