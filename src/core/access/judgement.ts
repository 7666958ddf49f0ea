/** Judgements read: why a gate said no, what dry runs would have refused, which flow can help. Pure. */
import type { Gate, Judgement, Outcome } from './policy.ts';
import type { Reason } from '../values/reason.ts';

const NO_JUDGEMENTS: readonly Judgement[] = [];
const NO_REASONS: readonly Reason[] = [];

/** Every reason for the no of a gate: of a group that failed, those of its members. Dry runs are left out. */
export function refusalsOf(outcome: Outcome): readonly Reason[] {
  return failedIn(outcome).map(({ verdict }) => verdict.reason);
}

/** The same as judgements: who said each no. */
export function failedIn(outcome: Outcome): readonly Judgement[] {
  return outcome.pass ? [] : failed(outcome.judgements).flatMap(membersOf);
}

function membersOf(judgement: Judgement): readonly Judgement[] {
  const members = judgement.binding.negate ? [] : failed(judgement.inner);
  return members.length === 0 ? [judgement] : members.flatMap(membersOf);
}

function failed(judgements: readonly Judgement[]): readonly Judgement[] {
  return judgements.filter((j) => !j.verdict.pass && !j.binding.dryRun);
}

/** The reasons by which a gate passed, dry runs left out. */
export function passesOf({ judgements }: Outcome): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const { binding, verdict } of judgements) {
    if (verdict.pass && !binding.dryRun) reasons.push(verdict.reason);
  }
  return reasons;
}

/** What dry-run bindings would have refused, those in groups too. */
export function wouldRefuse(judgements: readonly Judgement[]): readonly Reason[] {
  const noes = dryRunNoes(judgements);
  return noes.length === 0 ? NO_REASONS : noes.map(({ verdict }) => verdict.reason);
}

/** The same as judgements. */
export function dryRunNoes(judgements: readonly Judgement[]): readonly Judgement[] {
  let noes = NO_JUDGEMENTS;
  for (const judgement of judgements) {
    const { binding, verdict, inner } = judgement;
    if (!binding.dryRun && inner.length > 0) noes = [...noes, ...dryRunNoes(inner)];
    if (binding.dryRun && !verdict.pass) noes = [...noes, judgement];
  }
  return noes;
}

/**
 * The flow that can turn a gate's no into a yes, or null. `all`: only when each that failed has one,
 * so that nobody is asked for a second factor and then refused; the first is run first. `any`: one is enough.
 */
export function remedyOf(match: Gate['match'], judgements: readonly Judgement[]): string | null {
  const remedies = failed(judgements).map(ownRemedy);
  if (match === 'all' && remedies.includes(null)) return null;
  return remedies.find((flow) => flow !== null) ?? null;
}

function ownRemedy({ binding, fault, inner }: Judgement): string | null {
  const { judge, negate, otherwise } = binding;
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
export function leavesIn({ pass, judgements }: Outcome): boolean {
  return pass || judgements.some((j) => !j.binding.dryRun && j.fault !== null);
}
