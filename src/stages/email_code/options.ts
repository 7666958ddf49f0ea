/** How long an emailed code is valid. */
import { duration } from '../../schema/duration.ts';

const SHORTEST = 60_000;
const LONGEST = 30 * 60_000;

/** The option in milliseconds. The maximum is half an hour, the length of a run. */
export const EXPIRES = duration({ least: SHORTEST, most: LONGEST })
  .prefault('10m')
  .describe('How long a code is valid: 1m to 30m, and never longer than its run.');

/** Returns the validity in milliseconds, limited to the rest of the run. */
export function lasting(
  expires: number,
  run: { readonly now: number; readonly expiresAt: number },
) {
  return Math.min(expires, run.expiresAt - run.now);
}
