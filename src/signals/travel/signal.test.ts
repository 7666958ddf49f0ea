import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { anInput, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { aQuery, gathered, signalTools } from '../../../test/support/signal-query.ts';
import type { Atlas, Place } from '../../core/people/place.ts';
import { kilometers, type Point } from './distance.ts';
import { travel } from './signal.ts';

const HOUR = 3_600_000;
const ANN = aUser();

const BERLIN: Place = { latitude: 52.52, longitude: 13.405 };
const PARIS: Place = { latitude: 48.857, longitude: 2.352 };
const PLACES: Readonly<Record<string, Place>> = {
  '192.0.2.1': BERLIN,
  '192.0.2.2': PARIS,
  '192.0.2.3': { ...PARIS, radius: 200 },
  '192.0.2.4': { country: 'DE' },
};
const atlas: Atlas = {
  placeOf: (ip) => PLACES[ip] ?? null,
  countryOf: (ip) => PLACES[ip]?.country ?? null,
};

interface Past {
  readonly ip: string;
  readonly ago: number;
  readonly device?: string;
}

/** The value for a user with these sign-ins who is now at an address, in a browser. */
async function ways(past: readonly Past[], clientIp = '192.0.2.1', device: string | null = null) {
  const accounts = fakeAccounts();
  for (const { ip, ago, device: by = null } of past) {
    await accounts.recordSignIn({ userId: ANN.id, at: NOON - ago * HOUR, ip, device: by });
  }
  const query = aQuery({ user: ANN, device, facts: someFacts({ clientIp }) });
  return gathered(travel, {}, query, signalTools({ accounts, atlas }));
}

describe('travel', () => {
  it('returns how far away each of the last sign-ins was, and how long ago, the last one first', async () => {
    const told = await ways([
      { ip: '192.0.2.2', ago: 30 },
      { ip: '192.0.2.1', ago: 0.5 },
    ]);
    expect(told).toEqual([
      { km: 0, hours: 0.5, own: false },
      { km: expect.closeTo(877.5, 0), hours: 30, own: false },
    ]);
  });

  it('returns which were in this browser', async () => {
    const past = ['phone', 'laptop', undefined].map((device) => ({
      ip: '192.0.2.1',
      ago: 1,
      ...(device === undefined ? {} : { device }),
    }));
    const own = async (device: string | null) =>
      ((await ways(past, '192.0.2.1', device)) as { own: boolean }[]).map((way) => way.own);
    expect(await own('laptop')).toEqual([false, true, false]);
    expect(await own(null)).toEqual([false, false, false]);
  });

  it('subtracts the uncertainty of the locations', async () => {
    expect(await ways([{ ip: '192.0.2.3', ago: 1 }])).toEqual([
      { km: expect.closeTo(677.5, 0), hours: 1, own: false },
    ]);
    expect(await ways([{ ip: '192.0.2.2', ago: 1 }], '192.0.2.3')).toMatchObject([{ km: 0 }]);
  });

  it('returns no elapsed time if the clock went back or did not move', async () => {
    const told = await ways([
      { ip: '192.0.2.2', ago: -5 },
      { ip: '192.0.2.2', ago: 0 },
    ]);
    expect(told).toMatchObject([{ hours: 0 }, { hours: 0 }]);
  });

  it('leaves out sign-ins of unknown location', async () => {
    const nowhere = ['10.0.0.1', '192.0.2.4', '', 'x'].map((ip) => ({ ip, ago: 1 }));
    expect(await ways([...nowhere, { ip: '192.0.2.1', ago: 2 }])).toHaveLength(1);
    expect(await ways(nowhere)).toEqual([]);
    expect(await ways([])).toEqual([]);
  });

  it.each(['10.0.0.1', '192.0.2.4', ''])('returns nothing for a client at %j', async (clientIp) => {
    const query = aQuery({ facts: { ...someFacts(), clientIp } });
    expect(await gathered(travel, {}, query, signalTools({ atlas }))).toBeUndefined();
  });

  it('has no value without a user, or without a database', async () => {
    const facts = someFacts({ clientIp: '192.0.2.1' });
    const unknown = aQuery({ user: null, facts });
    expect(await gathered(travel, {}, unknown, signalTools({ atlas }))).toBeUndefined();
    expect(await gathered(travel, {}, aQuery({ facts }), signalTools())).toBeUndefined();
  });

  it('ignores the sign-ins of other users', async () => {
    const accounts = fakeAccounts();
    await accounts.recordSignIn({
      userId: 'embedded/bob',
      at: NOON,
      ip: '192.0.2.2',
      device: null,
    });
    const query = aQuery({ ...anInput(), facts: someFacts({ clientIp: '192.0.2.1' }) });
    expect(await gathered(travel, {}, query, signalTools({ accounts, atlas }))).toEqual([]);
  });
});

const point = (latitude: number, longitude: number): Point => ({ latitude, longitude });

describe('a distance', () => {
  it.each([
    ['from a place to itself', point(52.5, 13.4), point(52.5, 13.4), 0],
    ['from Berlin to Sydney', point(52.52, 13.405), point(-33.868, 151.209), 16_095],
    ['over the date line', point(0, 179.5), point(0, -179.5), 111.2],
    ['to the same meridian, given twice', point(10, 180), point(10, -180), 0],
    ['over the north pole', point(89, 0), point(89, 180), 222.4],
    ['at the pole, where all meridians meet', point(90, 0), point(90, 123), 0],
    ['from pole to pole', point(90, 0), point(-90, 77), 20_015.1],
    ['to the other end of the earth', point(10, 20), point(-10, -160), 20_015.1],
  ])('%s', (_, from, to, km) => {
    expect(kilometers(from, to)).toBeCloseTo(km, km > 1_000 ? -1 : 0);
  });

  const anywhere = fc.record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  it('is the same in both directions, never longer than half the circumference, and no longer than a detour', () => {
    fc.assert(
      fc.property(anywhere, anywhere, anywhere, (a, b, c) => {
        expect(kilometers(a, b)).toBeCloseTo(kilometers(b, a), 6);
        expect(kilometers(a, b)).toBeGreaterThanOrEqual(0);
        expect(kilometers(a, b)).toBeLessThan(20_015.2);
        expect(kilometers(a, c)).toBeLessThanOrEqual(kilometers(a, b) + kilometers(b, c) + 1e-3);
      }),
    );
  });
});
