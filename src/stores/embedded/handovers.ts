/** Handovers in the state file. One statement reads and deletes, so a code is redeemed at most once. */
import {
  handoverName,
  type HandoverStore,
  openHandover,
  sealHandover,
} from '../../core/people/handover.ts';
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Database } from '../../database/database.ts';
import { bytes } from '../../database/rows.ts';
import { command, query } from '../../database/sql.ts';

const PUT = command('INSERT INTO handovers (id, until, sealed) VALUES (?, ?, ?)');
const EXISTS = query('SELECT 1 FROM handovers WHERE id = ?', () => true);
const TAKE = query('DELETE FROM handovers WHERE id = ? AND until > ? RETURNING sealed', (row) =>
  bytes(row, 'sealed'),
);

/** The handovers of one state file. */
export function embeddedHandovers(
  db: Database,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): HandoverStore {
  const { clock, vault } = tools;
  return {
    async put(code, handover) {
      const sealed = sealHandover(vault, code, handover);
      await db.write(() => PUT(handoverName(vault, code), handover.until, sealed));
    },
    async take(code) {
      const id = handoverName(vault, code);
      // Anyone can send codes: only one that exists may cost a write.
      if ((await db.read(() => EXISTS.first(id))) === null) return null;
      // On the disk first: a spent code must not be valid again after a power cut.
      const sealed = await db.write(() => TAKE.first(id, clock.now()), { lasting: true });
      return sealed === null ? null : openHandover(vault, code, sealed);
    },
  };
}
