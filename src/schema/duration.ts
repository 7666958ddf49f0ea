/** Options that are durations, such as `15m`. */
import { z } from 'zod';
import { formatDuration, MAX_DURATION, parseDuration } from '../core/values/duration.ts';

const EXPECTED = 'expected a duration: 90s, 15m, 12h or 30d';

/** Bounds of a duration, in milliseconds, both included. */
interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

/**
 * A duration within bounds, parsed to milliseconds. The JSON Schema has no pattern, because a file
 * may contain a reference such as `${env:IDLE}` instead.
 */
export function duration({ least = 1, most = MAX_DURATION }: Bounds = {}) {
  return z
    .string({ error: EXPECTED })
    .meta({ examples: ['90s', '15m', '12h', '30d'] })
    .transform((written, context) => {
      const milliseconds = parseDuration(written.trim());
      if (milliseconds !== null && milliseconds >= least && milliseconds <= most) {
        return milliseconds;
      }
      const isReadable = /^\s*\d+(?:ms|s|m|h|d)\s*$/.test(written);
      context.addIssue({
        code: 'custom',
        message: isReadable ? `expected a duration ${rangeOf(least, most)}` : EXPECTED,
      });
      return z.NEVER;
    });
}

function rangeOf(least: number, most: number): string {
  const longest = formatDuration(most);
  return least === 1 ? `of at most ${longest}` : `from ${formatDuration(least)} to ${longest}`;
}
