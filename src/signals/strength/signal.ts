/** How easy a new password is to guess. The password never leaves this process. */
import { z } from 'zod';
import { ownWords } from '../../core/proof/own-words.ts';
import { defineSignal } from '../../core/access/signal.ts';
import { createEstimator } from './estimator.ts';

/**
 * In milliseconds. Loading the thread takes half a second, and so does the longest estimate. On a
 * machine where loading takes longer, the attempt is refused while loading continues for the next
 * one.
 */
const DEADLINE = 15_000;

/** Its value is the score from 0 to 4 of the field named after the colon, or null if it is empty. */
export const strength = defineSignal({
  name: 'strength',
  config: z.strictObject({}).describe('How easy a password is to guess. No options.'),
  deadline: DEADLINE,
  open() {
    const estimator = createEstimator();
    return Promise.resolve({
      gather(query, bound, deadline) {
        const field = bound ?? '';
        const answers = query.prompt ?? {};
        const password = Object.hasOwn(answers, field) ? answers[field] : undefined;
        if (password === null) return null;
        if (typeof password !== 'string') return undefined;
        const text = password.normalize('NFKC');
        return estimator.estimate({ password: text, own: ownWords(query, field) }, deadline);
      },
      warm: () => estimator.warm(),
      close: () => estimator.close(),
    });
  },
});
