import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSession, NOON } from '../../../test/support/policy-input.ts';
import { addProof, isLive, isOfPassword, isRecent, isTouchDue, TOUCH_EVERY } from './session.ts';

const HOUR = 3_600_000;

const seen = (idle: number) => aSession({ seenAt: NOON, idle });

describe('sessions', () => {
  it.each([
    ['in use', { seenAt: NOON - 1, expiresAt: NOON + 1 }, true],
    ['at its absolute end', { seenAt: NOON, expiresAt: NOON }, false],
    ['idle for exactly its idle time', { seenAt: NOON - HOUR, expiresAt: NOON + 1 }, false],
    ['idle for nearly that', { seenAt: NOON - HOUR + 1, expiresAt: NOON + 1 }, true],
    ['of broken times', { seenAt: Number.NaN, expiresAt: NOON + 1 }, false],
    ['of a broken end', { seenAt: NOON, expiresAt: Number.NaN }, false],
  ])('%s are live: %j %s', (_, times, live) => {
    expect(isLive(aSession({ idle: HOUR, ...times }), NOON)).toBe(live);
  });

  it('never become valid again over time', () => {
    fc.assert(
      fc.property(fc.nat(10 * HOUR), fc.nat(10 * HOUR), fc.nat(HOUR), (now, later, idle) => {
        const session = aSession({ seenAt: 0, expiresAt: 5 * HOUR, idle });
        expect(isLive(session, now) || !isLive(session, now + later)).toBe(true);
      }),
    );
  });

  it('are updated at most once a minute, and before a short idle time ends', () => {
    expect(isTouchDue(seen(HOUR), NOON + TOUCH_EVERY - 1)).toBe(false);
    expect(isTouchDue(seen(HOUR), NOON + TOUCH_EVERY)).toBe(true);
    expect(isTouchDue(seen(40_000), NOON + 9_999)).toBe(false);
    expect(isTouchDue(seen(40_000), NOON + 10_000)).toBe(true);
  });

  it.each([
    ['with the same password', { passwordSetAt: 5 }, 5, true],
    ['with a newer password', { passwordSetAt: 5 }, 6, false],
    ['with an older one, as a server says that lags behind', { passwordSetAt: 5 }, 4, true],
    ['with a password of unknown age', { passwordSetAt: null }, null, true],
    ['with a first known age', { passwordSetAt: null }, 1, false],
    ['with an age that is gone', { passwordSetAt: 5 }, null, false],
    ['of an older gateway, with an older password', { issuedAt: 7 }, 7, true],
    ['of an older gateway, with a newer password', { issuedAt: 7 }, 8, false],
    ['of an older gateway, with a password of unknown age', { issuedAt: 7 }, null, true],
    ['of a gateway older still, with a newer password', { createdAt: 7 }, 8, false],
  ])('%s, are those of the password: %j, now %s: %s', (_, times, passwordSetAt, is) => {
    expect(isOfPassword({ createdAt: 0, ...times }, { passwordSetAt })).toBe(is);
  });

  it('contain the newest proof of each method, oldest first', () => {
    const proof = fc.record({ method: fc.constantFrom('a', 'b', 'c'), at: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(proof, { maxLength: 8 }), proof, (given, added) => {
        let proofs: readonly { method: string; at: number }[] = [];
        for (const one of given) proofs = addProof(proofs, one);
        const before = structuredClone(proofs);
        const after = addProof(proofs, added);
        expect(proofs).toEqual(before);
        expect(new Set(after.map((p) => p.method)).size).toBe(after.length);
        expect(after).toContainEqual(added);
        expect(after.map((p) => p.at)).toEqual(after.map((p) => p.at).toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('something recent', () => {
  it.each([
    [0, true],
    [59_999, true],
    [60_000, false],
    // The clock of another gateway may be slightly ahead.
    [-60_000, true],
    // Created before the clock was set back, so its age is unknown.
    [-60_001, false],
    [-3_600_000, false],
    [Number.NaN, false],
  ])('happened less than a minute ago: %i ms ago: %s', (age, isIt) => {
    expect(isRecent(1_000_000_000 - age, 60_000, 1_000_000_000)).toBe(isIt);
  });
});
