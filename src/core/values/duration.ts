/** Durations as operators write them: `90s`, `15m`, `12h`, `30d`. Pure; nothing else is a duration. */

/** What a duration looks like; for schemas. Bounds are judged by parseDuration. */
export const DURATION_PATTERN = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/;

/** Longest duration anybody may write: ten years, in milliseconds. */
export const MAX_DURATION = 3_650 * 86_400_000;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a duration, 1 to MAX_DURATION; null for anything else. */
export function parseDuration(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  const digits = Number.parseInt(text, 10);
  const unit = UNITS[text.slice(String(digits).length)];
  if (unit === undefined) return null;
  const duration = digits * unit;
  return duration <= MAX_DURATION ? duration : null;
}
