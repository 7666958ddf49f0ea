/** Unsent forms in the state file. One statement reads and deletes, so a form is sent at most once. */
import { openUnsent, sealUnsent, unsentName, type UnsentStore } from '../../core/access/unsent.ts';
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Database } from '../../database/database.ts';
import { bytes } from '../../database/rows.ts';
import { command, query } from '../../database/sql.ts';

const PUT = command('INSERT INTO unsent (id, until, sealed) VALUES (?, ?, ?)');
const READ = query('SELECT sealed FROM unsent WHERE id = ? AND until > ?', (row) =>
  bytes(row, 'sealed'),
);
const TAKE = query('DELETE FROM unsent WHERE id = ? AND until > ? RETURNING sealed', (row) =>
  bytes(row, 'sealed'),
);

/** The unsent forms of one state file. */
export function embeddedUnsent(
  db: Database,
  { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>,
): UnsentStore {
  const opened = (key: string, sealed: Uint8Array | null) =>
    sealed === null ? null : openUnsent(vault, key, sealed);
  return {
    async put(key, form) {
      const sealed = sealUnsent(vault, key, form);
      await db.write(() => PUT(unsentName(vault, key), form.until, sealed));
    },
    async read(key) {
      const id = unsentName(vault, key);
      return opened(key, await db.read(() => READ.first(id, clock.now())));
    },
    async take(key) {
      const id = unsentName(vault, key);
      if ((await db.read(() => READ.first(id, clock.now()))) === null) return null;
      // On the disk first: a form must not be offered again after a power cut.
      return opened(key, await db.write(() => TAKE.first(id, clock.now()), { lasting: true }));
    },
  };
}
