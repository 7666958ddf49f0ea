/** Plans in the state file, moved by compare-and-set. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { PlanStore } from '../../core/flow/plan-store.ts';
import { isStoredId, openPlan, sealPlan } from '../../core/flow/sealed.ts';
import type { Database } from './database.ts';

/** The plans of one state file. */
export function embeddedPlans(
  db: Database,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): PlanStore {
  const { clock, vault } = tools;
  const byId = db.prepare('SELECT sealed FROM plans WHERE id = ? AND expires_at > ?');
  const insert = db.prepare(
    'INSERT INTO plans (id, revision, expires_at, sealed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = db.prepare(
    'UPDATE plans SET revision = ?, expires_at = ?, sealed = ? WHERE id = ? AND revision = ?',
  );
  return {
    async read(id) {
      if (!isStoredId(id)) return null;
      const row = db.read(() => byId.get(id, clock.now())) as { sealed: Uint8Array } | undefined;
      return row === undefined ? null : openPlan(vault, id, row.sealed);
    },
    async write(plan, expected) {
      const { id, revision, expiresAt } = plan;
      // A plan that has expired is gone for good: a replayed seed must not begin anew.
      if (expiresAt <= clock.now()) return false;
      const sealed = sealPlan(vault, plan, expected);
      const done = await db.write(() =>
        expected === 0
          ? insert.run(id, revision, expiresAt, sealed)
          : update.run(revision, expiresAt, sealed, id, expected),
      );
      return done.changes === 1;
    },
  };
}
