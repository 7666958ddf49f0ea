/**
 * What the linker proves of every flow: each stage is reached with all it wants, whichever of
 * the skippable stages are left out. In particular there is no way to a session without a
 * stage that verified somebody. Pure.
 */
import type { Requirement } from '../core/flow.ts';
import type { Claim } from '../core/stage.ts';

/** A stage as far as the laws look at it. */
export interface Lawful {
  readonly wants: readonly Claim[];
  readonly gives: readonly Claim[];
  /** Whether policies may leave it out. */
  readonly skippable: boolean;
}

/** A stage that may be reached without something it wants. */
export interface Breach {
  readonly index: number;
  readonly missing: readonly Claim[];
}

/** What is certain before the first stage. */
export function claimsAtStart(requires: Requirement): readonly Claim[] {
  return requires === 'session' || requires === 'fresh' ? ['identified', 'session', 'owner'] : [];
}

/** All breaches, in order. */
export function breaches(requires: Requirement, stages: readonly Lawful[]): readonly Breach[] {
  const found: Breach[] = [];
  let certain: ReadonlySet<Claim> = new Set(claimsAtStart(requires));
  for (const [index, stage] of stages.entries()) {
    const missing = stage.wants.filter((claim) => !certain.has(claim));
    if (missing.length > 0) found.push({ index, missing });
    const after = pass(certain, stage);
    certain = stage.skippable ? new Set([...after].filter((claim) => certain.has(claim))) : after;
  }
  return found;
}

/** Another person's name drops what was proved before (see `advance`). */
function pass(certain: ReadonlySet<Claim>, stage: Lawful): ReadonlySet<Claim> {
  const after = new Set(certain);
  if (stage.gives.includes('identified')) {
    after.delete('verified');
    after.delete('owner');
  }
  for (const claim of stage.gives) after.add(claim);
  if (stage.gives.includes('verified') || stage.gives.includes('session')) after.add('owner');
  return after;
}
