/** Options of user_login: how long a session lasts, whether people may stay signed in, where it may be used. */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';

const HOUR = 3_600_000;
/** What browsers keep a cookie for at most (RFC 6265bis §5.5). */
const LONGEST = 400 * 24 * HOUR;

const lasts = duration()
  .optional()
  .describe('How long the session may last at most; session.lifetime when left out.');

const rememberMe = duration({ least: HOUR, most: LONGEST })
  // The page says it in hours or days.
  .refine((lasting) => lasting % HOUR === 0, 'expected whole hours or days, 1h to 400d')
  .optional()
  .describe('Ask whether to stay signed in on this device, for so long, 1h to 400d.');

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
  .describe('Where alone the session is good: the network or the country it began in, or both.');

/** All of them. */
export const config = z.strictObject({
  lasts,
  remember_me: rememberMe,
  end_other_sessions: z
    .boolean()
    .prefault(false)
    .describe('End the other sessions of this user, on every device.'),
  bind,
});

/** As parsed; durations in milliseconds. */
export type Options = z.infer<typeof config>;
