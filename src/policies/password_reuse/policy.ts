/**
 * Passes if a new password is none of the user's last ones. If that is unknown, the evaluation
 * fails.
 */
import { z } from 'zod';
import { MOST_PASSWORDS } from '../../core/people/account.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import { Problem } from '../../core/values/problem.ts';

const FIELD = 'password';

const config = z.strictObject({
  last: z
    .int()
    .min(0)
    .max(MOST_PASSWORDS)
    .prefault(5)
    .describe('How many old passwords are refused, besides the current one.'),
});

const FRESH: Verdict = { pass: true, reason: { code: 'password_reuse/fresh' } };
const NONE: Verdict = { pass: true, reason: { code: 'password_reuse/none' } };
const USED: Verdict = { pass: false, reason: { code: 'password_reuse/used' } };

export const passwordReuse = definePolicy({
  type: 'password_reuse',
  config,
  texts: {
    en: {
      'reason.password_reuse': 'You have used this password here before. Choose another one.',
    },
    de: {
      'reason.password_reuse':
        'Dieses Passwort haben Sie hier schon verwendet. Wählen Sie ein anderes.',
    },
  },
  field: FIELD,
  needs: ({ last }, field) => [nameOf(last, field ?? FIELD)],
  compile({ last }) {
    return ({ signals, prompt, field: own }) => {
      const field = own ?? FIELD;
      if (prompt === null || !Object.hasOwn(prompt, field)) {
        throw new Problem('policy/no-password', 'no password was typed here');
      }
      // An optional password was left empty.
      if (prompt[field] === null) return NONE;
      const isReused = signals[nameOf(last, field)];
      if (typeof isReused === 'boolean') return isReused ? USED : FRESH;
      throw new Problem('policy/no-signal', 'the signal is neither yes nor no');
    };
  },
});

function nameOf(last: number, field: string): string {
  return `reused:${last}:${field}`;
}
