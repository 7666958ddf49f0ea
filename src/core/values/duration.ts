/** Durations as operators write them: `90s`, `15m`, `12h`, `30d`. Pure. */

const PATTERN = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/;

/** Longest duration of an option: ten years, in milliseconds. */
export const MAX_DURATION = 3_650 * 86_400_000;

/** Milliseconds per unit, longest unit first. */
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

/**
 * Writes a duration in the longest unit that divides it: `1d` for 86,400,000 ms, `90m` for
 * 5,400,000 ms.
 */
export function formatDuration(milliseconds: number): string {
  const units = Object.entries(UNITS);
  const [unit, length] = units.find(([, ms]) => milliseconds % ms === 0) ?? ['ms', 1];
  return `${milliseconds / length}${unit}`;
}
