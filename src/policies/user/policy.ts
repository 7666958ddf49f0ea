/** Passes for listed users, by username or, where that is ambiguous, by id (`embedded/…`). */
import { z } from 'zod';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import type { Texts } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import { foldName } from '../../core/people/user.ts';

const names = z.array(z.string().min(1).max(256)).min(1).max(1000);

const config = z
  .strictObject({
    any: names.optional().describe('Users who pass: usernames, or ids with a slash.'),
    none: names.optional().describe('All users pass except these.'),
  })
  .refine((c) => c.any !== undefined || c.none !== undefined, {
    message: 'expected any or none with a list of users',
  });

const LISTED: Verdict = { pass: true, reason: { code: 'user/listed' } };
const NOT_EXCLUDED: Verdict = { pass: true, reason: { code: 'user/not-excluded' } };

const texts: Texts = {
  en: {
    'reason.user': 'Only certain users have access, and your account is not one of them.',
    'detail.user/excluded': '{name} is excluded',
    'detail.user/not-listed': '{name} is not listed',
  },
  de: {
    'reason.user': 'Nur bestimmte Personen haben Zugriff, und Ihr Konto gehört nicht dazu.',
    'detail.user/excluded': '{name} ist ausgeschlossen',
    'detail.user/not-listed': '{name} steht nicht auf der Liste',
  },
};

export const user = definePolicy({
  type: 'user',
  config,
  texts,
  compile({ any, none }) {
    const listed = any === undefined ? null : people(any);
    const excluded = people(none ?? []);
    const passed = listed === null ? NOT_EXCLUDED : LISTED;
    return (input) => {
      if (input.user === null) throw new Problem('policy/no-user', 'the user is not known yet');
      const { id, name } = input.user;
      const folded = foldName(name);
      if (excluded.has(id) || excluded.has(folded)) {
        return failed(texts, 'user/excluded', { name });
      }
      if (listed === null || listed.has(id) || listed.has(folded)) return passed;
      return failed(texts, 'user/not-listed', { name });
    };
  },
});

/** Usernames never contain a slash and ids always do, so one set suffices. */
function people(entries: readonly string[]): ReadonlySet<string> {
  return new Set(entries.map((entry) => (entry.includes('/') ? entry : foldName(entry))));
}
