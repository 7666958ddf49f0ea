/**
 * A submission from the stage to the stored plan. A stage that answers `again` is given an empty submission
 * once its effects are carried out, so that everything after it sees what they changed.
 */
import type { Plan } from '../../core/flow/plan.ts';
import type { Run } from '../run/run.ts';
import { commit, type CommitPorts, type Result } from './commit.ts';
import type { Executor } from './executor.ts';
import type { Submission } from './submission.ts';

/** What it needs. */
export interface CarryPorts extends CommitPorts {
  readonly executor: Pick<Executor, 'submit'>;
}

const REST = { stageId: null, values: {} };

/** Submits and commits. Rejects with a Problem if a port fails. */
export async function carryThrough(
  ports: CarryPorts,
  plan: Plan,
  given: { readonly stageId: string | null; readonly values: Submission },
  run: Run,
): Promise<Result> {
  const { executor } = ports;
  const submitted = await executor.submit(plan, given, run);
  if (submitted.kind === 'unmoved') {
    return { plan: submitted.plan, moved: false, leave: submitted.leave, cookies: [] };
  }
  const first = await commit(ports, plan, submitted.walked, run);
  if (!submitted.walked.isAgain || !first.moved || first.plan === null) return first;
  const rest = await executor.submit(first.plan, REST, run);
  return rest.kind === 'moved' ? commit(ports, first.plan, rest.walked, run) : first;
}
