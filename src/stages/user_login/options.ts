/**
 * Options of user_login: how long a session lasts, whether users can stay signed in, and where the
 * session is valid.
 */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';

const HOUR = 3_600_000;
/** Maximum lifetime of a cookie in browsers (RFC 6265bis §5.5). */
const LONGEST = 400 * 24 * HOUR;

const lasts = duration()
  .optional()
  .describe('Maximum length of the session. Default: session.lifetime.');

const rememberMe = duration({ least: HOUR, most: LONGEST })
  // The page shows the duration in hours or days.
  .refine((lasting) => lasting % HOUR === 0, 'expected whole hours or days, 1h to 400d')
  .optional()
  .describe('Asks whether to stay signed in on this device, for this time, 1h to 400d.');

const bond = z.enum(['network', 'geo']);
const bind = z
  .union([
    bond,
    z
      .array(bond)
      .min(1)
      .max(2)
      .refine((list) => new Set(list).size === list.length, 'names each bond once'),
  ])
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .optional()
  .describe('Limits the session to the network or the country in which it began, or both.');

export const config = z.strictObject({
  lasts,
  remember_me: rememberMe,
  end_other_sessions: z
    .boolean()
    .prefault(false)
    .describe('Ends the user’s other sessions, on every device.'),
  bind,
});

/** The parsed options; durations are in milliseconds. */
export type Options = z.infer<typeof config>;
