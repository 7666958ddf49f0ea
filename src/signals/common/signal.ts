/** Whether a new password is one of the most common. The lookup is local and nothing is stored. */
import { z } from 'zod';
import { defineSignal } from '../../core/access/signal.ts';
import { isCommon } from './list.ts';

/** In milliseconds, for one read of 400 KB and a search in memory. */
const DEADLINE = 15_000;

/** Its value is true or false for the field named after the colon, or null if it is empty. */
export const common = defineSignal({
  name: 'common',
  config: z.strictObject({}).describe('Whether a password is one of the most common. No options.'),
  deadline: DEADLINE,
  open: () =>
    Promise.resolve({
      gather({ prompt }, bound) {
        const field = bound ?? '';
        const answers = prompt ?? {};
        const password = Object.hasOwn(answers, field) ? answers[field] : undefined;
        if (password === null) return null;
        return typeof password === 'string' ? isCommon(password) : undefined;
      },
      close: () => Promise.resolve(),
    }),
});
