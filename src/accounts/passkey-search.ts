/**
 * Whether any passkey of a relying party is left. The relying party is sealed with the passkey, so the
 * search opens each passkey once; it remembers how far it got, and later calls go on from there.
 */
import { setImmediate as otherWork } from 'node:timers/promises';
import type { AccountReader } from '../core/people/account.ts';
import { RP_KEY } from '../core/proof/passkey-site.ts';
import type { Vault } from '../core/values/system.ts';
import type { Database } from '../database/database.ts';
import { bytes, parseObject } from '../database/rows.ts';
import { query } from '../database/sql.ts';
import { type SealedTo, sealedText, sealedToOf } from './seals.ts';

/** Passkeys opened before other work gets its turn. */
const PIECE = 200;

const NEXT = query(
  `SELECT id, user_id, kind, handle, sealed FROM authenticators
   WHERE kind = 'webauthn' AND handle <> '' AND handle > ? ORDER BY handle LIMIT ?`,
  (row) => ({ to: sealedToOf(row), sealed: bytes(row, 'sealed') }),
);

/** The search in one database. */
export function passkeySearch(db: Database, vault: Vault): Pick<AccountReader, 'hasPasskeysOf'> {
  /** By relying party, the handle up to which no passkey is its own; null: none is left. */
  const passed = new Map<string, string | null>();

  const isOf = (to: SealedTo, sealed: Uint8Array, rpId: string): boolean => {
    const json = sealedText(vault, to, sealed);
    // A passkey that no secret opens cannot be used to sign in.
    if (json === null) return false;
    const stored = parseObject(json)?.[RP_KEY];
    return stored === undefined || stored === rpId;
  };

  /** Opens the next passkeys; null: there are more to open. */
  const step = async (rpId: string, after: string, limit: number): Promise<boolean | null> => {
    const rows = await db.read(() => NEXT.all(after, limit));
    const found = rows.findIndex(({ to, sealed }) => isOf(to, sealed, rpId));
    if (found >= 0) {
      passed.set(rpId, rows[found - 1]?.to.handle ?? after);
      return true;
    }
    const isOver = rows.length < limit;
    passed.set(rpId, isOver ? null : (rows.at(-1)?.to.handle ?? null));
    return isOver ? false : null;
  };

  return {
    async hasPasskeysOf(rpId) {
      // Usually the passkey found last time is still there, so the first look opens only one.
      for (let limit = 1; ; limit = PIECE) {
        const after = passed.has(rpId) ? (passed.get(rpId) ?? null) : '';
        if (after === null) return false;
        const found = await step(rpId, after, limit);
        if (found !== null) return found;
        if (limit === PIECE) await otherWork();
      }
    },
  };
}
