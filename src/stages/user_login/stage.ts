/** Starts the session. Asks nothing; the executor refuses it for anybody who has not proved who they are. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../../core/duration.ts';
import { defineStage, type Step } from '../../core/stage.ts';

const lasts = z
  .string()
  .regex(DURATION_PATTERN, 'expected a duration: 90s, 15m, 12h or 30d')
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== null) return milliseconds;
    context.addIssue({ code: 'custom', message: 'expected a duration of at most ten years' });
    return z.NEVER;
  })
  .optional()
  .describe('How long the session may last at most; session.lifetime when left out.');

const config = z.strictObject({
  lasts,
  end_other_sessions: z
    .boolean()
    .prefault(false)
    .describe('End the other sessions of this user, on every device.'),
});

/** See README.md beside this file. */
export const userLogin = defineStage({
  type: 'user_login',
  config,
  answer: null,
  uses: [],
  claims: () => ({ wants: ['identified', 'verified'], gives: ['session'] }),
  texts: { en: {} },
  open: (ctx) => Promise.resolve(start(ctx.config)),
  submit: (ctx) => Promise.resolve(start(ctx.config)),
});

function start(options: z.infer<typeof config>): Step {
  const { lasts: longest = null, end_other_sessions: endOthers } = options;
  return { kind: 'pass', effects: [{ kind: 'start-session', lasts: longest, endOthers }] };
}
