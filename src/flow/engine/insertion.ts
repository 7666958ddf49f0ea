/** Finds the current stage: the flow's own, or one inserted before it. Options of inserted stages are parsed on each request. */
import { NO_POLICIES } from '../../core/policy/policy.ts';
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { AnyStage, Step } from '../../core/flow/stage.ts';

/** Ends a run whose stage inserted an unknown stage, or one with invalid options. */
export const UNFIT: Step = {
  kind: 'stop',
  reason: { code: 'stage/unfit' },
  text: { key: 'flow.stopped.stage' },
};

/** The flow's own stage at the cursor; null once the plan has ended. */
export function baseOf(plan: Plan, flow: Flow): StageBinding | null {
  return plan.state === 'running' ? (flow.stages[plan.cursor] ?? null) : null;
}

/** The current stage: `base`, unless another was inserted before it. Null if that one is unknown or invalid. */
export function atHand(
  plan: Plan,
  base: StageBinding,
  stages: readonly AnyStage[],
): StageBinding | null {
  const next = plan.inserted?.[0];
  if (next === undefined) return base;
  const stage = stages.find(({ type }) => type === next.type);
  const config = stage?.config.safeParse(next.options);
  if (stage === undefined || config?.success !== true) return null;
  return {
    id: `${base.id}.${next.type}`,
    stage,
    config: config.data,
    policies: NO_POLICIES,
    validators: NO_POLICIES,
    onInvalid: 'retry',
    at: `${base.at}.${next.type}`,
  };
}
