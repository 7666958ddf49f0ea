/**
 * What the linker proves about every flow: each stage is reached with all it wants, whichever
 * skippable stages are left out. In particular, no session starts without a stage that verified the
 * user. Pure.
 */
import type { Requirement } from '../../core/flow/flow.ts';
import type { Claim } from '../../core/flow/stage.ts';

/** The parts of a stage that the laws need. */
export interface Lawful {
  readonly wants: readonly Claim[];
  readonly gives: readonly Claim[];
  /** Whether it identifies a user only if none is identified. Left out: no. */
  readonly keepsUser?: boolean;
  /** Whether it creates the user of a newcomer. Left out: no. */
  readonly admitsNewcomer?: boolean;
  /** Whether policies may skip the stage. */
  readonly skippable: boolean;
  /** Whether the stage never passes. */
  readonly ends: boolean;
  /** Stages that it may insert before itself, one at a time. */
  readonly inserts: readonly Inserted[];
}

/** A stage that another stage may insert. */
export interface Inserted {
  readonly type: string;
  readonly wants: readonly Claim[];
  readonly gives: readonly Claim[];
}

/** A stage that may be reached without something it wants. */
export interface Breach {
  readonly index: number;
  readonly missing: readonly Claim[];
  /** The type of the stage that stage `index` inserts, if the inserted stage lacks the claims. */
  readonly inserted?: string;
}

/** What is certain before the first stage. */
export function claimsAtStart(requires: Requirement): readonly Claim[] {
  switch (requires) {
    case 'session':
    case 'fresh':
      return ['identified', 'session', 'owner'];
    case 'link':
      // The link identifies the user it was made for, but does not prove who follows it.
      return ['identified'];
    case 'source':
      return ['newcomer'];
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
    // An insertion is not certain: it adds no claim, but may drop some.
    let here = certain;
    for (const { type, wants, gives } of stage.inserts) {
      const lacked = wants.filter((claim) => !certain.has(claim));
      if (lacked.length > 0) found.push({ index, missing: lacked, inserted: type });
      here = both(here, pass(certain, gives));
    }
    const missing = stage.wants.filter((claim) => !here.has(claim));
    if (missing.length > 0) found.push({ index, missing });
    const after = afterStage(here, stage);
    certain = stage.skippable ? both(here, after) : after;
  }
  return found;
}

/** The first stage that is never reached, and the stage that ends every run before it; null for none. */
export function unreachable(
  stages: readonly Lawful[],
): { readonly index: number; readonly end: number } | null {
  const end = stages.findIndex((stage) => stage.ends && !stage.skippable);
  return end < 0 || end === stages.length - 1 ? null : { index: end + 1, end };
}

function afterStage(here: ReadonlySet<Claim>, stage: Lawful): ReadonlySet<Claim> {
  // The user of an account that its source has vouched for.
  if (stage.admitsNewcomer && here.has('newcomer')) {
    return new Set([...pass(here, stage.gives), 'verified', 'owner']);
  }
  return stage.keepsUser ? new Set([...here, ...stage.gives]) : pass(here, stage.gives);
}

/** The claims after a stage. Identifying another user drops earlier proofs (see `advance`). */
function pass(certain: ReadonlySet<Claim>, gives: readonly Claim[]): ReadonlySet<Claim> {
  const after = new Set(certain);
  if (gives.includes('identified')) {
    after.delete('verified');
    after.delete('owner');
    after.delete('applicant');
    after.delete('newcomer');
  }
  for (const claim of gives) after.add(claim);
  if (gives.includes('verified') || gives.includes('session')) after.add('owner');
  // A new user exists once the address is verified.
  if (gives.includes('verified')) after.delete('applicant');
  return after;
}

function both(one: ReadonlySet<Claim>, other: ReadonlySet<Claim>): ReadonlySet<Claim> {
  return new Set([...one].filter((claim) => other.has(claim)));
}
