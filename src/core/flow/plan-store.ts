/** Storage for the plans of running flows. Implementations: `stores/`. Promises reject with a Problem. */
import type { Plan } from './plan.ts';

/** Plans of running flows. Nothing is stored before the first POST. */
export interface PlanStore {
  read(id: string): Promise<Plan | null>;
  /**
   * Compare-and-set: stores `plan` if the stored revision is `expected`; 0 means that none is stored
   * yet. Returns false if another write was first. Kept until `plan.expiresAt`.
   */
  write(plan: Plan, expected: number): Promise<boolean>;
}
