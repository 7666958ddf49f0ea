import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REQUIREMENTS } from '../core/flow.ts';
import type { Claim } from '../core/stage.ts';
import { breaches, claimsAtStart, type Lawful } from './flow-laws.ts';

const claim = fc.subarray<Claim>(['identified', 'verified', 'session', 'owner']);
const stage: fc.Arbitrary<Lawful> = fc.record({
  wants: claim,
  gives: claim,
  skippable: fc.boolean(),
});
const login: Lawful = { wants: ['identified', 'verified'], gives: ['session'], skippable: false };
const flow = fc.tuple(fc.constantFrom(...REQUIREMENTS), fc.array(stage, { maxLength: 8 }));

/** Runs the stages for real, leaving out the skippable ones whose bit is set: who wanted what was not there. */
function lackOf(
  requires: Parameters<typeof breaches>[0],
  stages: readonly Lawful[],
  skipped: number,
): number[] {
  let held = new Set<Claim>(claimsAtStart(requires));
  const lacking: number[] = [];
  for (const [index, one] of stages.entries()) {
    if (one.skippable && (skipped & (1 << index)) !== 0) continue;
    if (one.wants.some((want) => !held.has(want))) lacking.push(index);
    // As `advance` does: another subject starts without proofs.
    if (one.gives.includes('identified')) {
      held = new Set([...held].filter((c) => c !== 'verified' && c !== 'owner'));
    }
    for (const give of one.gives) held.add(give);
    if (one.gives.some((give) => give === 'verified' || give === 'session')) held.add('owner');
  }
  return lacking;
}

describe('a flow that the linker lets pass', () => {
  it('gives every stage all it wants, whichever stages are left out', () => {
    fc.assert(
      fc.property(flow, ([requires, stages]) => {
        const refused = new Set(breaches(requires, stages).map((breach) => breach.index));
        for (let skipped = 0; skipped < 1 << stages.length; skipped += 1) {
          for (const index of lackOf(requires, stages, skipped)) expect(refused).toContain(index);
        }
      }),
    );
  });

  it('never reaches user_login unless somebody was verified on every way there', () => {
    fc.assert(
      fc.property(flow, ([requires, before]) => {
        const stages = [...before, login];
        const isRefused = breaches(requires, stages).some((b) => b.index === before.length);
        const ways = Array.from({ length: 1 << before.length }, (_, skipped) => skipped);
        const isUnsafe = ways.some((way) => lackOf(requires, stages, way).includes(before.length));
        // Sound, and no stricter than "over any subset of the skippable stages".
        expect(isRefused).toBe(isUnsafe);
      }),
    );
  });

  it('never counts a verifying stage that may be left out', () => {
    fc.assert(
      fc.property(
        fc.array(
          stage.map((one) => ({ ...one, skippable: true })),
          { maxLength: 8 },
        ),
        (before) => {
          const found = breaches('anyone', [...before, login]);
          expect(found.at(-1)).toMatchObject({
            index: before.length,
            missing: ['identified', 'verified'],
          });
        },
      ),
    );
  });
});

describe('a flow that requires a session', () => {
  it('knows who it is, and still has nobody verified', () => {
    expect(breaches('session', [login])).toEqual([{ index: 0, missing: ['verified'] }]);
    expect(breaches('anonymous', [login])[0]?.missing).toEqual(['identified', 'verified']);
  });
});
