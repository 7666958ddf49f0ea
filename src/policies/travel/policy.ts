/**
 * Passes if the user could have traveled from the places of their last sign-ins to the current one
 * in time, by the `travel` signal. If the signal cannot be read, the evaluation fails.
 */
import { z } from 'zod';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import type { Texts } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import { fieldsOf } from '../../core/values/record.ts';

const config = z.strictObject({
  max_speed: z
    .number()
    .min(1)
    .max(100_000)
    .default(900)
    .describe('Maximum speed in km/h. Airliners fly at about 900.'),
  grace: z
    .number()
    .min(0)
    .max(20_000)
    .default(100)
    .describe(
      'Distance in km that does not count, because databases locate addresses imprecisely.',
    ),
});

/** Maximum number of trips in the signal, which has ten. */
const MOST_TRIPS = 100;

/** The trip from one earlier sign-in to the current place. */
interface Trip {
  readonly km: number;
  readonly hours: number;
  /** Whether that sign-in was in this browser. */
  readonly own: boolean;
}

const NO_HISTORY: Verdict = { pass: true, reason: { code: 'travel/no-history' } };
const BEEN_HERE: Verdict = { pass: true, reason: { code: 'travel/been-here' } };
const POSSIBLE: Verdict = { pass: true, reason: { code: 'travel/possible' } };

const texts: Texts = {
  en: {
    'reason.travel': 'Your location does not fit your recent sign-ins.',
    'detail.travel/minutes': '{km} km from a sign-in {ago} minutes ago, at most {speed} km/h',
    'detail.travel/hours': '{km} km from a sign-in {ago} hours ago, at most {speed} km/h',
  },
  de: {
    'reason.travel': 'Ihr Standort passt nicht zu Ihren letzten Anmeldungen.',
    'detail.travel/minutes':
      '{km} km entfernt von einer Anmeldung vor {ago} min, höchstens {speed} km/h',
    'detail.travel/hours':
      '{km} km entfernt von einer Anmeldung vor {ago} h, höchstens {speed} km/h',
  },
};

export const travel = definePolicy({
  type: 'travel',
  config,
  texts,
  // Needing `geo` makes the linker report a missing database at load.
  needs: () => ['travel', 'geo'],
  compile({ max_speed: maxSpeed, grace }) {
    return ({ signals }) => {
      const trips = tripsIn(signals.travel);
      if (trips.length === 0) return NO_HISTORY;
      if (trips.some(({ km, own }) => own && km <= grace)) return BEEN_HERE;
      const tooFast = trips.find(({ km, hours }) => km > grace && km > hours * maxSpeed);
      return tooFast === undefined ? POSSIBLE : no(tooFast, maxSpeed);
    };
  },
});

function tripsIn(value: unknown): readonly Trip[] {
  if (Array.isArray(value) && value.length <= MOST_TRIPS && value.every(isTrip)) return value;
  throw new Problem('policy/no-travel', 'the ways from the last sign-ins are not known');
}

function isTrip(value: unknown): value is Trip {
  const { km, hours, own } = fieldsOf(value);
  return isLength(km) && isLength(hours) && typeof own === 'boolean';
}

function isLength(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

function no({ km, hours }: Trip, speed: number): Verdict {
  const [ago, unit] = hours < 1 ? [hours * 60, 'minutes'] : [hours, 'hours'];
  const values = { km: Math.round(km), ago: Math.floor(ago), speed };
  return failed(texts, 'travel/too-fast', values, `travel/${unit}`);
}
