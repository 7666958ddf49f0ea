/** Passes by local day and time in one time zone. The result depends only on the given time. */
import { z } from 'zod';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import { clockOf, DAYS, dayBefore, isZone, minuteOf, type Wall } from './calendar.ts';
import { texts } from './texts.ts';

const TIME = /^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/;
const time = z.string().regex(TIME, 'expected a time such as 08:30, 00:00 to 24:00');
const date = z.iso.date('expected a date such as 2026-12-24');

const config = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .max(7)
      .optional()
      .describe('Days of the week. Default: every day.'),
    from: time.optional().describe('Start time of each day. Default: 00:00.'),
    until: time
      .optional()
      .describe(
        'End time, exclusive. Default: 24:00. If it is before `from`, it is on the next day.',
      ),
    first_day: date.optional().describe('First day, inclusive.'),
    last_day: date.optional().describe('Last day, inclusive.'),
    zone: z
      .string()
      .max(64)
      .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, 'expected a zone such as Europe/Berlin')
      .refine(isZone, { message: 'no such time zone, expected one such as Europe/Berlin' })
      .default('UTC')
      .describe('IANA time zone.'),
  })
  .refine((c) => Object.keys(c).length > 1, {
    message: 'expected days, from, until, first_day or last_day',
  })
  .refine((c) => c.from === undefined || c.from !== c.until, {
    message: 'expected another time than in from; leave both out for the whole day',
    path: ['until'],
  })
  .refine((c) => (c.from ?? '') < '24:00', {
    message: 'expected a time before 24:00',
    path: ['from'],
  })
  .refine((c) => c.until !== '00:00', { message: 'expected 24:00', path: ['until'] })
  .refine(
    (c) => c.first_day === undefined || c.last_day === undefined || c.first_day <= c.last_day,
    {
      message: 'expected first_day or a day after it',
      path: ['last_day'],
    },
  );

type Options = z.infer<typeof config>;

const MINUTE = 60_000;
const OPEN: Verdict = { pass: true, reason: { code: 'time/open' } };

export const timeOfDay = definePolicy({
  type: 'time',
  withoutUser: true,
  config,
  texts,
  compile(options) {
    const wall = clockOf(options.zone);
    const refusal = refusalAt(options);
    const needed = inWords(options);
    // The result is constant within a minute, so it is computed once per minute.
    let known: number | null = null;
    let verdict = OPEN;
    return ({ now }) => {
      const minute = Math.floor(now / MINUTE);
      if (minute !== known) {
        const shown = wall(now);
        const code = refusal(shown);
        verdict =
          code === null
            ? OPEN
            : failed(texts, code, { needed, now: wallText(shown) }, 'time/closed');
        known = minute;
      }
      return verdict;
    };
  },
});

/**
 * Returns the code of the refusal, or null. Hours after midnight belong to the day on which they
 * began.
 */
function refusalAt(options: Options): (shown: Wall) => string | null {
  const { days, first_day: first = '', last_day: last = '9999-12-31' } = options;
  const from = minuteOf(options.from ?? '00:00');
  const until = minuteOf(options.until ?? '24:00');
  const open: ReadonlySet<string | undefined> = new Set(days ?? DAYS);
  return (shown) => {
    const { minute } = shown;
    const isLate = until < from && minute < until;
    const isIn = until < from ? isLate || minute >= from : minute >= from && minute < until;
    const day = isLate ? dayBefore(shown) : shown;
    if (day.date < first || day.date > last) return 'time/other-date';
    if (!open.has(DAYS[day.weekday])) return 'time/other-day';
    return isIn ? null : 'time/other-hours';
  };
}

function inWords({ days, from, until, first_day: first, last_day: last, zone }: Options): string {
  const hours =
    from === undefined && until === undefined ? [] : [`${from ?? '00:00'}–${until ?? '24:00'}`];
  const dates = first === undefined && last === undefined ? [] : [`${first ?? ''}–${last ?? ''}`];
  return [...(days === undefined ? [] : [days.join(' ')]), ...hours, ...dates, zone].join(', ');
}

function wallText({ weekday, date: day, minute }: Wall): string {
  return `${DAYS[weekday]} ${day} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}
