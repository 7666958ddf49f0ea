/**
 * Distance and time between the user's last sign-ins and now. No value if the client's place is
 * unknown; sign-ins from unknown places are left out.
 */
import { z } from 'zod';
import type { Place } from '../../core/people/place.ts';
import { defineSignal } from '../../core/access/signal.ts';
import { kilometers, type Point } from './distance.ts';

const HOUR = 3_600_000;

/** See README.md beside this file. */
export const travel = defineSignal({
  name: 'travel',
  config: z.strictObject({}).describe('Distance to the user’s last sign-ins. No options.'),
  deadline: 1_000,
  async open(_config, { accounts, atlas }) {
    const pointOf = (ip: string): Located | null => located(atlas?.placeOf(ip) ?? null);
    return {
      async gather({ user, facts, device, now }) {
        const here = pointOf(facts.clientIp);
        if (user === null || here === null) return undefined;
        const signIns = await accounts.signIns(user.id);
        return signIns.flatMap((signIn) => {
          const there = pointOf(signIn.ip);
          if (there === null) return [];
          const own = device !== null && signIn.device === device;
          // The clock may have been set back since the sign-in.
          const hours = Math.max(0, now - signIn.at) / HOUR;
          return [{ km: distance(there, here), hours, own }];
        });
      },
      close: () => Promise.resolve(),
    };
  },
});

interface Located extends Point {
  /** In kilometers. */
  readonly radius: number;
}

function located(place: Place | null): Located | null {
  const { latitude, longitude, radius = 0 } = place ?? {};
  return latitude === undefined || longitude === undefined ? null : { latitude, longitude, radius };
}

/** Returns the shortest possible distance, since each place may be off by its radius. */
function distance(there: Located, here: Located): number {
  return Math.max(0, kilometers(there, here) - there.radius - here.radius);
}
