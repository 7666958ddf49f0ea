import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anInput } from '../../../test/support/policy-input.ts';
import type { Json } from '../../core/values/json.ts';
import { travel } from './policy.ts';

const evaluate = (trips: Json, options: object = {}) =>
  travel.compile(travel.config.parse(options))(
    anInput({ signals: { travel: trips, geo: { country: 'DE' } } }),
  );
const way = (km: number, hours: number, own = false) => ({ km, hours, own });

describe('travel', () => {
  it.each([
    [[], {}, 'no-history'],
    [[way(0, 0)], {}, 'possible'],
    [[way(100, 0)], {}, 'possible'],
    [[way(100.1, 0)], {}, 'too-fast'],
    [[way(900, 1)], {}, 'possible'],
    [[way(901, 1)], {}, 'too-fast'],
    [[way(9_000, 10)], {}, 'possible'],
    [[way(9_100, 10)], {}, 'too-fast'],
    [[way(20_015, 23)], {}, 'possible'],
    [[way(500, 1)], { max_speed: 300 }, 'too-fast'],
    [[way(500, 1)], { max_speed: 300, grace: 500 }, 'possible'],
    [[way(1, 0)], { grace: 0 }, 'too-fast'],
    [[way(0, 0)], { grace: 0 }, 'possible'],
    // Every earlier sign-in counts, not only the last.
    [[way(0, 0.1), way(9_000, 1)], {}, 'too-fast'],
    [[way(9_000, 1), way(0, 0.1)], {}, 'too-fast'],
    [[way(800, 1), way(9_000, 30)], {}, 'possible'],
    // An earlier sign-in here in this browser was already checked.
    [[way(9_000, 1), way(50, 2, true)], {}, 'been-here'],
    [[way(9_000, 1, true), way(50, 2)], {}, 'too-fast'],
    [[way(9_000, 1, true)], {}, 'too-fast'],
    [[way(101, 0, true)], {}, 'too-fast'],
  ])('%j under %j: %s', (trips, options, code) => {
    const verdict = evaluate(trips, options);
    expect(verdict.reason.code).toBe(`travel/${code}`);
    expect(verdict.pass).toBe(code !== 'too-fast');
  });

  it.each<Json | undefined>([
    undefined,
    null,
    'x',
    {},
    [null],
    ['x'],
    [{}],
    [{ km: 1, hours: 1 }],
    [{ km: '1', hours: 1, own: true }],
    [way(Number.NaN, 1)],
    [way(1, Number.NaN)],
    [way(-1, 1)],
    [way(1, -1)],
    [way(Number.POSITIVE_INFINITY, 1)],
    [way(1, Number.POSITIVE_INFINITY)],
    Array.from({ length: 101 }, () => way(0, 0)),
  ])('cannot evaluate invalid distances: %j', (trips) => {
    expect(() => evaluate(trips as Json)).toThrow('are not known');
  });

  it('is no stricter with more time, and no more lenient with a longer distance', () => {
    const [km, hours] = [
      fc.double({ min: 0, max: 20_016, noNaN: true }),
      fc.double({ min: 0, max: 999, noNaN: true }),
    ];
    fc.assert(
      fc.property(km, hours, hours, km, (far, long, more, further) => {
        const pass = evaluate([way(far, long)]).pass;
        expect(evaluate([way(far, long + more)]).pass || !pass).toBe(true);
        expect(evaluate([way(far + further, long)]).pass && !pass).toBe(false);
      }),
    );
  });

  it('gives the distance', () => {
    expect(evaluate([way(9_000.4, 0.5)]).reason.detail).toBe(
      '9000 km from a sign-in 30 minutes ago, at most 900 km/h',
    );
    expect(evaluate([way(9_000.4, 2.7)]).reason.detail).toContain('2 hours ago');
  });

  it('needs the distances, and a database', () => {
    expect(travel.needs?.(travel.config.parse({}))).toEqual(['travel', 'geo']);
  });

  it.each([
    { max_speed: 0 },
    { max_speed: '900' },
    { max_speed: Number.POSITIVE_INFINITY },
    { grace: -1 },
    { grace: Number.NaN },
  ])('refuses options %j', (options) => {
    expect(travel.config.safeParse(options).success).toBe(false);
  });
});
