/**
 * Whether any passkey of a relying party is left. The relying party is sealed with the passkey, so
 * finding out takes one pass over all passkeys; the place is kept, and each further call goes on from there.
 */
import { setImmediate as otherWork } from 'node:timers/promises';
import type { AccountReader } from '../core/people/account.ts';
import { RP_KEY } from '../core/proof/passkey-site.ts';
import type { Vault } from '../core/values/system.ts';
import type { Database } from './database.ts';
import { type SealedTo, sealedText } from './seals.ts';

type Row = { id: string; user_id: string; kind: 'webauthn'; handle: string; sealed: Uint8Array };

/** Passkeys opened before other work gets its turn. */
const PIECE = 200;

/** The search over one file. */
export function passkeySearch(db: Database, vault: Vault): Pick<AccountReader, 'hasPasskeysOf'> {
  const next = db.prepare(
    `SELECT id, user_id, kind, handle, sealed FROM authenticators
     WHERE kind = 'webauthn' AND handle <> '' AND handle > ? ORDER BY handle LIMIT ?`,
  );
  /** The handle up to which no passkey counts, by relying party; null: none is left at all. */
  const passed = new Map<string, string | null>();

  const isOf = (row: Row, rpId: string): boolean => {
    const to: SealedTo = { ...row, userId: row.user_id };
    const text = sealedText(vault, to, row.sealed);
    // A passkey that no secret opens signs nobody in.
    if (text === null) return false;
    const stored = (JSON.parse(text) as Record<string, unknown>)[RP_KEY];
    return stored === undefined || stored === rpId;
  };

  /** Opens the next passkeys; null: there are more to open. */
  const step = (rpId: string, after: string, limit: number): boolean | null => {
    const rows = db.read(() => next.all(after, limit) as Row[]);
    const found = rows.findIndex((row) => isOf(row, rpId));
    if (found >= 0) {
      passed.set(rpId, rows[found - 1]?.handle ?? after);
      return true;
    }
    const isOver = rows.length < limit;
    passed.set(rpId, isOver ? null : (rows.at(-1)?.handle ?? null));
    return isOver ? false : null;
  };

  return {
    async hasPasskeysOf(rpId) {
      // Usually the passkey found last time is still there.
      for (let limit = 1; ; limit = PIECE) {
        const after = passed.has(rpId) ? (passed.get(rpId) ?? null) : '';
        if (after === null) return false;
        const found = step(rpId, after, limit);
        if (found !== null) return found;
        if (limit === PIECE) await otherWork();
      }
    },
  };
}
