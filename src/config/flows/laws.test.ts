import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REQUIREMENTS } from '../../core/flow/flow.ts';
import type { Claim } from '../../core/flow/stage.ts';
import { breaches, claimsAtStart, type Lawful, unreachable } from './laws.ts';

const claim = fc.subarray<Claim>(['identified', 'verified', 'session', 'owner']);
const inserted = fc.record({ type: fc.constant('other'), wants: claim, gives: claim });
const stage: fc.Arbitrary<Lawful> = fc.record({
  wants: claim,
  gives: claim,
  skippable: fc.boolean(),
  ends: fc.constant(false),
  inserts: fc.array(inserted, { maxLength: 1 }),
});
const login: Lawful = {
  wants: ['identified', 'verified'],
  gives: ['session'],
  skippable: false,
  ends: false,
  inserts: [],
};
const MOST = 5;
const flow = fc.tuple(fc.constantFrom(...REQUIREMENTS), fc.array(stage, { maxLength: MOST }));

/** Applies what a stage provides: as in `advance`, another subject starts without proofs. */
function after(held: ReadonlySet<Claim>, gives: readonly Claim[]): ReadonlySet<Claim> {
  const now = new Set(held);
  if (gives.includes('identified')) {
    now.delete('verified');
    now.delete('owner');
  }
  for (const give of gives) now.add(give);
  if (gives.includes('verified') || gives.includes('session')) now.add('owner');
  return now;
}

/**
 * Runs the stages for real, skipping the skippable ones whose bit is set and inserting what they
 * may insert where that bit is set; returns the stages that lacked a requirement.
 */
function lackOf(
  requires: Parameters<typeof breaches>[0],
  stages: readonly Lawful[],
  skipped: number,
  putIn: number,
): number[] {
  let held: ReadonlySet<Claim> = new Set(claimsAtStart(requires));
  const lacking: number[] = [];
  const reach = (index: number, wants: readonly Claim[]): void => {
    if (wants.some((want) => !held.has(want))) lacking.push(index);
  };
  for (const [index, one] of stages.entries()) {
    if ((putIn & (1 << index)) !== 0) {
      for (const other of one.inserts) {
        reach(index, other.wants);
        // What it provides may be absent: another user's may have been inserted instead.
        held = new Set([...after(held, other.gives)].filter((given) => held.has(given)));
      }
    }
    if (one.skippable && (skipped & (1 << index)) !== 0) continue;
    reach(index, one.wants);
    held = after(held, one.gives);
  }
  return lacking;
}

/** Every path through this many stages. */
function waysOf(count: number): readonly (readonly [number, number])[] {
  const all = Array.from({ length: 1 << count }, (_, bits) => bits);
  return all.flatMap((skipped) => all.map((putIn) => [skipped, putIn] as const));
}

describe('a flow that the linker accepts', () => {
  it('gives every stage all it requires, whichever stages are skipped or inserted', () => {
    fc.assert(
      fc.property(flow, ([requires, stages]) => {
        const refused = new Set(breaches(requires, stages).map((breach) => breach.index));
        const lacking = waysOf(stages.length).flatMap(([skipped, putIn]) =>
          lackOf(requires, stages, skipped, putIn),
        );
        // Sound, and no stricter than "over every path".
        expect(new Set(lacking)).toEqual(refused);
      }),
    );
  });

  it('never reaches user_login unless a user was verified on every path there', () => {
    fc.assert(
      fc.property(flow, ([requires, before]) => {
        const stages = [...before, login];
        const isRefused = breaches(requires, stages).some((b) => b.index === before.length);
        const isUnsafe = waysOf(before.length).some(([skipped, putIn]) =>
          lackOf(requires, stages, skipped, putIn).includes(before.length),
        );
        expect(isRefused).toBe(isUnsafe);
      }),
    );
  });

  it('never counts a verifying stage that may be skipped', () => {
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

  it('counts nothing that a stage may insert, and names what that one lacks', () => {
    const setUp = { type: 'totp_setup', wants: ['owner'] as const, gives: ['verified'] as const };
    const factor: Lawful = { ...login, wants: ['identified'], gives: [], inserts: [setUp] };
    const who: Lawful = { ...login, wants: [], gives: ['identified'] };
    expect(breaches('anyone', [who, factor, login])).toEqual([
      { index: 1, missing: ['owner'], inserted: 'totp_setup' },
      { index: 2, missing: ['verified'] },
    ]);
  });
});

describe('a stage after one that ends every run', () => {
  const end: Lawful = { ...login, wants: [], gives: [], ends: true };
  it('is never reached, unless policies may skip that one', () => {
    expect(unreachable([login, end, login, login])).toEqual({ index: 2, end: 1 });
    expect(unreachable([login, { ...end, skippable: true }, login])).toBeNull();
    expect(unreachable([login, end])).toBeNull();
  });
});

describe('a flow that requires a session', () => {
  it('has an identified user, but no verified one', () => {
    expect(breaches('session', [login])).toEqual([{ index: 0, missing: ['verified'] }]);
    expect(breaches('anonymous', [login])[0]?.missing).toEqual(['identified', 'verified']);
  });
});
