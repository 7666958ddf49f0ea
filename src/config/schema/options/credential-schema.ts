/** Options of a route or path about what programs and browsers can show. */
import { z } from 'zod';

/** `accepts` and the options that depend on it. */
export const credentials = {
  accepts: z
    .array(z.enum(['session', 'basic', 'bearer', 'certificate']))
    .min(1)
    .max(4)
    .optional()
    .describe(
      'How requests can show who sends them: `session`, `basic` (a username with a token as password), `bearer` (a token), `certificate` (a client certificate). Default: `[session]`.',
    ),
  basic_passwords: z
    .boolean()
    .optional()
    .describe(
      'With `basic`: users can also send their own password, unless they have a second factor. Attempts are counted like sign-ins.',
    ),
  tokens: z
    .boolean()
    .optional()
    .describe(
      'A token or certificate satisfies `max_age`, `factor_age` and policies about methods, which otherwise refuse every one.',
    ),
};
