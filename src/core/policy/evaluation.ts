/**
 * Reads evaluations: why a policy set failed, what dry runs would have denied, and which flow can
 * help. Pure.
 */

import type { Reason } from '../values/reason.ts';
import type { Evaluation, Outcome, PolicySet } from './policy.ts';

const NO_EVALUATIONS: readonly Evaluation[] = [];

/**
 * Every reason why a policy set failed, with failed groups resolved to their members. Dry runs do
 * not count.
 */
export function failureReasons(outcome: Outcome): readonly Reason[] {
  return failedEvaluations(outcome).map(({ verdict }) => verdict.reason);
}

/** The evaluations behind `failureReasons`. */
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

/** The reasons why a policy set passed, without dry runs. */
export function passReasons({ evaluations }: Outcome): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const { binding, verdict } of evaluations) {
    if (verdict.pass && !binding.dryRun) reasons.push(verdict.reason);
  }
  return reasons;
}

/** The reasons of dry-run bindings that would have denied, including those inside groups. */
export function dryRunReasons(evaluations: readonly Evaluation[]): readonly Reason[] {
  return failedDryRuns(evaluations).map(({ verdict }) => verdict.reason);
}

/** The evaluations behind `dryRunReasons`. */
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
 * The flow that can make a failed policy set pass, or null. With `all`, every failed binding must
 * have a remedy, so that no visitor proves a second factor only to be refused; the first remedy
 * runs first. With `any`, one remedy is enough.
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
  const { evaluate, negate, otherwise } = binding;
  // A group can be remedied through its members. In an `any` group, an error in one member does not
  // affect the others.
  if (typeof evaluate !== 'function' && !negate) {
    const within = remedyOf(evaluate.match, inner);
    if (within !== null) return within;
  }
  return fault === null ? otherwise : null;
}

/**
 * Whether a stage runs under the outcome of its policies. A failed verdict skips the stage; an
 * error does not (rule 1). An expired binding does not either: otherwise an expired exception would
 * disable the stage for every user.
 */
export function keepsStage({ pass, evaluations }: Outcome): boolean {
  return pass || evaluations.some((j) => !j.binding.dryRun && j.fault !== null);
}
