/** How long an emailed code is valid, and what it is for. */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';

const SHORTEST = 60_000;
const LONGEST = 30 * 60_000;

/** The option in milliseconds. The maximum is half an hour, the length of a run. */
export const EXPIRES = duration({ least: SHORTEST, most: LONGEST })
  .prefault('10m')
  .describe('How long a code is valid: 1m to 30m, and never longer than its run.');

/** The option `enables`. */
export const ENABLES = z
  .boolean()
  .prefault(false)
  .describe(
    'Creates the user of an earlier user_write once the address is verified, and not before.',
  );

/** Returns the validity in milliseconds, limited to the rest of the run. */
export function lasting(
  expires: number,
  run: { readonly now: number; readonly expiresAt: number },
) {
  return Math.min(expires, run.expiresAt - run.now);
}
