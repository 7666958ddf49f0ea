/**
 * What the linker proves of every flow: each stage is reached with all it wants, whichever of
 * the skippable stages are left out. In particular there is no way to a session without a
 * stage that verified somebody. Pure.
 */
import type { Requirement } from '../../core/flow/flow.ts';
import type { Claim } from '../../core/flow/stage.ts';

/** A stage as far as the laws look at it. */
export interface Lawful {
  readonly wants: readonly Claim[];
  readonly gives: readonly Claim[];
  /** Whether policies may leave it out. */
  readonly skippable: boolean;
  /** Whether it never passes. */
  readonly ends: boolean;
  /** Stages it may put in before itself, any of them alone. */
  readonly inserts: readonly Inserted[];
}

/** A stage that another may put in. */
export interface Inserted {
  readonly type: string;
  readonly wants: readonly Claim[];
  readonly gives: readonly Claim[];
}

/** A stage that may be reached without something it wants. */
export interface Breach {
  readonly index: number;
  readonly missing: readonly Claim[];
  /** The type that stage `index` would put in, when it is that one which lacks it. */
  readonly inserted?: string;
}

/** What is certain before the first stage. */
export function claimsAtStart(requires: Requirement): readonly Claim[] {
  switch (requires) {
    case 'session':
    case 'fresh':
      return ['identified', 'session', 'owner'];
    case 'link':
      // It is about whoever the link was made for; that this is them is still to be proved.
      return ['identified'];
    case 'anyone':
    case 'anonymous':
      return [];
  }
}

/** All breaches, in order. */
export function breaches(requires: Requirement, stages: readonly Lawful[]): readonly Breach[] {
  const found: Breach[] = [];
  let certain: ReadonlySet<Claim> = new Set(claimsAtStart(requires));
  for (const [index, stage] of stages.entries()) {
    // Whether a stage is put in is not certain: it gives nothing, and may take away.
    let here = certain;
    for (const { type, wants, gives } of stage.inserts) {
      const lacked = wants.filter((claim) => !certain.has(claim));
      if (lacked.length > 0) found.push({ index, missing: lacked, inserted: type });
      here = both(here, pass(certain, gives));
    }
    const missing = stage.wants.filter((claim) => !here.has(claim));
    if (missing.length > 0) found.push({ index, missing });
    const after = pass(here, stage.gives);
    certain = stage.skippable ? both(here, after) : after;
  }
  return found;
}

/** The first stage that is never reached and the one that ends every run before it; null when there is none. */
export function unreachable(
  stages: readonly Lawful[],
): { readonly index: number; readonly end: number } | null {
  const end = stages.findIndex((stage) => stage.ends && !stage.skippable);
  return end < 0 || end === stages.length - 1 ? null : { index: end + 1, end };
}

/** Another person's name drops what was proved before (see `advance`). */
function pass(certain: ReadonlySet<Claim>, gives: readonly Claim[]): ReadonlySet<Claim> {
  const after = new Set(certain);
  if (gives.includes('identified')) {
    after.delete('verified');
    after.delete('owner');
  }
  for (const claim of gives) after.add(claim);
  if (gives.includes('verified') || gives.includes('session')) after.add('owner');
  return after;
}

function both(one: ReadonlySet<Claim>, other: ReadonlySet<Claim>): ReadonlySet<Claim> {
  return new Set([...one].filter((claim) => other.has(claim)));
}
