/** Local time and date of a time zone. */

/** Local date and time. */
export interface Wall {
  /** 0 for Monday to 6 for Sunday. */
  readonly weekday: number;
  /** `2026-11-23`. */
  readonly date: string;
  /** Minutes since midnight by local time, 0 to 1439. */
  readonly minute: number;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const DAY = 86_400_000;

export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    // Named fallback: an unknown zone, which the schema rejects.
    return false;
  }
}

/** Returns the clock of a zone. It throws RangeError for an invalid time. */
export function clockOf(zone: string): (now: number) => Wall {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (now) => {
    const shown: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(now)) shown[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = shown;
    return { ...dayOf(Date.UTC(year, month - 1, day)), minute: hour * 60 + minute };
  };
}

/** Returns the previous day. */
export function dayBefore({ date }: Wall): Pick<Wall, 'weekday' | 'date'> {
  return dayOf(Date.parse(date) - DAY);
}

function dayOf(midnight: number): Pick<Wall, 'weekday' | 'date'> {
  const day = new Date(midnight);
  // `getUTCDay` returns 0 for Sunday.
  return { weekday: (day.getUTCDay() + 6) % 7, date: day.toISOString().slice(0, 10) };
}

/** Converts `08:30` to minutes since midnight; `24:00` is the end of the day. */
export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
