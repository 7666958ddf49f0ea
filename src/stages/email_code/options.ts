/** How long a mailed code is good for. */
import { duration } from '../../schema/duration.ts';

const SHORTEST = 60_000;
const LONGEST = 30 * 60_000;

/** The option, in milliseconds; no code outlasts its run, which is half an hour. */
export const EXPIRES = duration({ least: SHORTEST, most: LONGEST })
  .prefault('10m')
  .describe('How long a code is valid: 1m to 30m, and never longer than its run.');

/** The same, no longer than the run, in milliseconds. */
export function lasting(
  expires: number,
  run: { readonly now: number; readonly expiresAt: number },
) {
  return Math.min(expires, run.expiresAt - run.now);
}
