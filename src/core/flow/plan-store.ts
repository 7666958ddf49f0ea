/** Where the plans of running flows are stored. Implementations: `stores/`. Promises reject with a Problem. */
import type { Plan } from './plan.ts';

/** Plans of running flows. Nothing is stored before the first POST. */
export interface PlanStore {
  read(id: string): Promise<Plan | null>;
  /**
   * Compare-and-set: stores `plan` when the stored revision is `expected`, 0 meaning "none stored
   * yet". False: somebody else was first. Kept until `plan.expiresAt`.
   */
  write(plan: Plan, expected: number): Promise<boolean>;
}
