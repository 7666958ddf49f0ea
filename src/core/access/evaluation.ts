/** Evaluations read: why a gate said no, what dry runs would have refused, which flow can help. Pure. */
import type { PolicySet, Evaluation, Outcome } from './policy.ts';
import type { Reason } from '../values/reason.ts';

const NO_EVALUATIONS: readonly Evaluation[] = [];
const NO_REASONS: readonly Reason[] = [];

/** Every reason for the no of a gate: of a group that failed, those of its members. Dry runs are left out. */
export function failureReasons(outcome: Outcome): readonly Reason[] {
  return failedEvaluations(outcome).map(({ verdict }) => verdict.reason);
}

/** The same as evaluations: who said each no. */
export function failedEvaluations(outcome: Outcome): readonly Evaluation[] {
  return outcome.pass ? [] : failed(outcome.evaluations).flatMap(membersOf);
}

function membersOf(evaluation: Evaluation): readonly Evaluation[] {
  const members = evaluation.binding.negate ? [] : failed(evaluation.inner);
  return members.length === 0 ? [evaluation] : members.flatMap(membersOf);
}

function failed(evaluations: readonly Evaluation[]): readonly Evaluation[] {
  return evaluations.filter((j) => !j.verdict.pass && !j.binding.dryRun);
}

/** The reasons by which a gate passed, dry runs left out. */
export function passReasons({ evaluations }: Outcome): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const { binding, verdict } of evaluations) {
    if (verdict.pass && !binding.dryRun) reasons.push(verdict.reason);
  }
  return reasons;
}

/** What dry-run bindings would have refused, those in groups too. */
export function dryRunReasons(evaluations: readonly Evaluation[]): readonly Reason[] {
  const noes = failedDryRuns(evaluations);
  return noes.length === 0 ? NO_REASONS : noes.map(({ verdict }) => verdict.reason);
}

/** The same as evaluations. */
export function failedDryRuns(evaluations: readonly Evaluation[]): readonly Evaluation[] {
  let noes = NO_EVALUATIONS;
  for (const evaluation of evaluations) {
    const { binding, verdict, inner } = evaluation;
    if (!binding.dryRun && inner.length > 0) noes = [...noes, ...failedDryRuns(inner)];
    if (binding.dryRun && !verdict.pass) noes = [...noes, evaluation];
  }
  return noes;
}

/**
 * The flow that can turn a gate's no into a yes, or null. `all`: only when each that failed has one,
 * so that nobody is asked for a second factor and then refused; the first is run first. `any`: one is enough.
 */
export function remedyOf(
  match: PolicySet['match'],
  evaluations: readonly Evaluation[],
): string | null {
  const remedies = failed(evaluations).map(ownRemedy);
  if (match === 'all' && remedies.includes(null)) return null;
  return remedies.find((flow) => flow !== null) ?? null;
}

function ownRemedy({ binding, fault, inner }: Evaluation): string | null {
  const { evaluate: judge, negate, otherwise } = binding;
  // A group is as remediable as its members are: in `any`, one that errs does not spoil the rest.
  if (typeof judge !== 'function' && !negate && inner.length > 0) {
    const within = remedyOf(judge.match, inner);
    if (within !== null) return within;
  }
  return fault === null ? otherwise : null;
}

/**
 * Whether the gate of a stage leaves it in: a clean no takes it out. An error does not (rule 1), and
 * neither does a binding whose time is over: an exception that ended would end the stage for everybody.
 */
export function keepsStage({ pass, evaluations }: Outcome): boolean {
  return pass || evaluations.some((j) => !j.binding.dryRun && j.fault !== null);
}
