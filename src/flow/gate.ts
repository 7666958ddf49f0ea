/** Gates inside flows: whether a stage stands, whether a flow may be run. An error never opens anything. */
import type { StageBinding } from '../core/flow.ts';
import { combine, type Outcome, type PolicyInput } from '../core/policy.ts';
import type { Plan } from '../core/plan.ts';
import type { Reason } from '../core/reason.ts';
import type { User } from '../core/user.ts';
import { appOf, type Run } from './run.ts';

/** Codes by which a gate says that it could not judge. */
const ERRORS = new Set(['policy/error', 'signal/missing']);

/**
 * Whether the stage is in. A clean no leaves it out; a gate of which any binding erred leaves
 * it in (CVE-2024-47070: a policy error once took the password stage away).
 */
export function stands(binding: StageBinding, plan: Plan, run: Run, user: User | null): boolean {
  const outcome = combine(binding.gate, inputOf(plan.returnTo, run, user));
  return (
    outcome.pass || outcome.judgements.some((j) => !j.binding.dryRun && isError(j.verdict.reason))
  );
}

/** The flow's own gate; errors are a no, as on a route. */
export function admits(returnTo: string | null, run: Run): Outcome {
  return combine(run.flow.gate, inputOf(returnTo, run, run.visitor?.user ?? null));
}

function isError(reason: Reason): boolean {
  return ERRORS.has(reason.code);
}

function inputOf(returnTo: string | null, run: Run, user: User | null): PolicyInput {
  const app = appOf(run.snapshot, returnTo);
  return {
    facts: run.facts,
    session: run.visitor?.session ?? null,
    user,
    route: app === null ? null : { id: app.id },
    flow: { name: run.flow.name, designation: run.flow.designation },
    prompt: null,
    signals: {},
    now: run.now,
  };
}
