/** How long a mailed code is good for. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../core/values/duration.ts';

const SHORTEST = 60_000;
const LONGEST = 30 * 60_000;

/** The option, in milliseconds; no code outlasts its run, which is half an hour. */
export const EXPIRES = z
  .string()
  .regex(DURATION_PATTERN, 'expected a duration between 1m and 30m')
  .prefault('10m')
  .transform((written, context) => {
    const lasts = parseDuration(written);
    if (lasts !== null && lasts >= SHORTEST && lasts <= LONGEST) return lasts;
    context.addIssue({ code: 'custom', message: 'expected a duration between 1m and 30m' });
    return z.NEVER;
  })
  .describe('How long a code is good for, 1m to 30m, and never longer than its run.');

/** The same, no longer than the run, in milliseconds. */
export function lasting(
  expires: number,
  run: { readonly now: number; readonly expiresAt: number },
) {
  return Math.min(expires, run.expiresAt - run.now);
}
