/**
 * Passes by group membership. Group names are compared exactly. Without a user, the evaluation
 * fails.
 */
import { z } from 'zod';
import { definePolicy, type Verdict } from '../../core/access/policy.ts';
import { Problem } from '../../core/values/problem.ts';

const names = z.array(z.string().min(1).max(128)).min(1).max(200);

const config = z
  .strictObject({
    any: names.optional().describe('Must be in at least one of these groups.'),
    all: names.optional().describe('Must be in all of these groups.'),
    none: names.optional().describe('Must be in none of these groups.'),
  })
  .refine((c) => c.any !== undefined || c.all !== undefined || c.none !== undefined, {
    message: 'expected any, all or none with a list of groups',
  });

const MEMBER: Verdict = { pass: true, reason: { code: 'group/member' } };
const NOT_EXCLUDED: Verdict = { pass: true, reason: { code: 'group/not-excluded' } };

export const group = definePolicy({
  type: 'group',
  config,
  texts: {
    en: {
      'reason.group':
        'Only members of certain groups have access, and your account is not in them.',
    },
    de: {
      'reason.group': 'Nur bestimmte Gruppen haben Zugriff, und Ihr Konto gehört zu keiner davon.',
    },
  },
  compile({ any = [], all = [], none = [] }) {
    const passed = any.length + all.length > 0 ? MEMBER : NOT_EXCLUDED;
    return ({ user }) => {
      if (user === null) throw new Problem('policy/no-user', 'the user is not known yet');
      const { groups } = user;
      for (const name of none) {
        if (groups.includes(name)) return no('group/excluded', `must not be in ${name}`);
      }
      for (const name of all) {
        if (!groups.includes(name)) {
          return no('group/not-member', `needs all of ${list(all)}; has ${list(groups)}`);
        }
      }
      if (any.length === 0) return passed;
      for (const name of any) if (groups.includes(name)) return passed;
      return no('group/not-member', `needs any of ${list(any)}; has ${list(groups)}`);
    };
  },
});

function no(code: string, detail: string): Verdict {
  return { pass: false, reason: { code, detail } };
}

/** Lists at most ten names so that a reason fits on one line. */
function list(groups: readonly string[]): string {
  if (groups.length === 0) return 'none';
  const more = groups.length > 10 ? ` and ${groups.length - 10} more` : '';
  return groups.slice(0, 10).join(', ') + more;
}
