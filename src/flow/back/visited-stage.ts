/** Which stage an answer is for. The state protects it from forgery: it takes the place of a CSRF token. */
import { fits, type Plan } from '../../core/flow/plan.ts';
import type { AnyStage } from '../../core/flow/stage.ts';
import { isStateOf, visitOf } from '../../core/sources/passage.ts';
import type { Vault } from '../../core/values/system.ts';
import { atHand, baseOf } from '../engine/insertion.ts';
import type { Run } from '../run/run.ts';

/** The id of the stage that sent the browser away with this state; null if that visit is no longer under way. */
export function visitedStage(
  { vault, stages }: { readonly vault: Pick<Vault, 'name'>; readonly stages: readonly AnyStage[] },
  plan: Plan,
  state: string,
  { flow, browser, now }: Pick<Run, 'flow' | 'browser' | 'now'>,
): string | null {
  const visit = visitOf(plan.learned);
  const base = baseOf(plan, flow);
  if (visit === null || base === null || !fits(plan, flow, browser.name, now)) return null;
  const binding = atHand(plan, base, stages);
  if (binding?.stage.takesAnswers !== true || binding.id !== visit.stage) return null;
  return isStateOf(vault, visit, state) ? binding.id : null;
}
