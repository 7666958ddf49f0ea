/** Durations as operators write them: `90s`, `15m`, `12h`, `30d`. Pure. */

const PATTERN = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/;

/** The longest duration that an option can have: ten years, in milliseconds. */
export const MAX_DURATION = 3_650 * 86_400_000;

/** Milliseconds of each unit, the longest unit first. */
const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/** Milliseconds of a duration, from 1 to MAX_DURATION; null for any other text. */
export function parseDuration(text: string): number | null {
  if (!PATTERN.test(text)) return null;
  const digits = Number.parseInt(text, 10);
  const unit = UNITS[text.slice(String(digits).length)];
  if (unit === undefined) return null;
  const duration = digits * unit;
  return duration <= MAX_DURATION ? duration : null;
}

/** A duration in the longest unit that divides it: 86,400,000 ms are `1d`, 5,400,000 ms are `90m`. */
export function formatDuration(milliseconds: number): string {
  const units = Object.entries(UNITS);
  const [unit, length] = units.find(([, ms]) => milliseconds % ms === 0) ?? ['ms', 1];
  return `${milliseconds / length}${unit}`;
}
