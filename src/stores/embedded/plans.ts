/** Plans in the state file, moved by compare-and-set. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { PlanStore } from '../../core/flow/plan-store.ts';
import { isStoredId, openPlan, sealPlan } from '../../core/flow/sealed.ts';
import type { Database } from '../../database/database.ts';
import { bytes } from '../../database/rows.ts';
import { command, query } from '../../database/sql.ts';

const BY_ID = query('SELECT sealed FROM plans WHERE id = ? AND expires_at > ?', (row) =>
  bytes(row, 'sealed'),
);
const INSERT = command(
  'INSERT INTO plans (id, revision, expires_at, sealed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
);
const UPDATE = command(
  'UPDATE plans SET revision = ?, expires_at = ?, sealed = ? WHERE id = ? AND revision = ?',
);

/** The plans of one state file. */
export function embeddedPlans(
  db: Database,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): PlanStore {
  const { clock, vault } = tools;
  return {
    async read(id) {
      if (!isStoredId(id)) return null;
      const sealed = await db.read(() => BY_ID.first(id, clock.now()));
      return sealed === null ? null : openPlan(vault, id, sealed);
    },
    async write(plan, expected) {
      const { id, revision, expiresAt } = plan;
      // An expired plan is gone for good: a replayed seed must not start it again.
      if (expiresAt <= clock.now()) return false;
      const sealed = sealPlan(vault, plan, expected);
      const changes = await db.write(() =>
        expected === 0
          ? INSERT(id, revision, expiresAt, sealed)
          : UPDATE(revision, expiresAt, sealed, id, expected),
      );
      return changes === 1;
    },
  };
}
