/** Passes by the age of the password. If the age is unknown, the evaluation fails. */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { comparison, failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import type { Texts } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';

const DAY = 86_400_000;

const config = z.strictObject({
  newer_than: duration().describe('The password must be newer than this.'),
});

const texts: Texts = {
  en: {
    'reason.password_age': 'A more recently set password is required.',
    'detail.password_age/newer': 'newer than {span}',
    'detail.password_age/older': 'needs a password newer than {span}; it is {days} days old',
  },
  de: {
    'reason.password_age': 'Ihr Passwort ist dafür zu alt. Ein neueres ist erforderlich.',
    'detail.password_age/newer': 'neuer als {span}',
    'detail.password_age/older': 'das Passwort muss neuer als {span} sein; Alter in Tagen: {days}',
  },
};

export const passwordAge = definePolicy({
  type: 'password_age',
  config,
  texts,
  compile({ newer_than: longest }) {
    const span = formatDuration(longest);
    const newer: Verdict = {
      pass: true,
      reason: { code: 'password_age/newer', ...comparison(texts, 'password_age/newer', { span }) },
    };
    return ({ user, now }) => {
      if (user === null) throw new Problem('policy/no-user', 'the user is not known yet');
      const { passwordSetAt } = user;
      if (passwordSetAt === null) {
        throw new Problem('policy/no-password-time', 'it is not known when the password was set');
      }
      const age = now - passwordSetAt;
      // Tolerates small clock differences. A password set further in the future has no valid age.
      if (!(age > -DAY)) {
        throw new Problem('policy/password-time', 'the password was set in the future');
      }
      if (age < longest) return newer;
      return failed(texts, 'password_age/older', { span, days: Math.floor(age / DAY) });
    };
  },
});
