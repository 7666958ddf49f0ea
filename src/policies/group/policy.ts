/**
 * Passes by group membership. Group names are compared exactly. Without a user, the evaluation
 * fails.
 */
import { z } from 'zod';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import type { Texts, Words } from '../../core/values/message.ts';
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

const texts: Texts = {
  en: {
    'reason.group': 'Only members of certain groups have access, and your account is not in them.',
    'detail.group/excluded': 'must not be in {name}',
    'detail.group/all': 'needs all of {needed}; has {found}',
    'detail.group/any': 'needs any of {needed}; has {found}',
  },
  de: {
    'reason.group': 'Nur bestimmte Gruppen haben Zugriff, und Ihr Konto gehört zu keiner davon.',
    'detail.group/excluded': 'darf nicht zu {name} gehören',
    'detail.group/all': 'erforderlich sind alle von: {needed}; vorhanden: {found}',
    'detail.group/any': 'erforderlich ist eine von: {needed}; vorhanden: {found}',
  },
};

export const group = definePolicy({
  type: 'group',
  config,
  texts,
  compile({ any = [], all = [], none = [] }) {
    const passed = any.length + all.length > 0 ? MEMBER : NOT_EXCLUDED;
    return ({ user }) => {
      if (user === null) throw new Problem('policy/no-user', 'the user is not known yet');
      const { groups } = user;
      for (const name of none) {
        if (groups.includes(name)) return failed(texts, 'group/excluded', { name });
      }
      for (const name of all) {
        if (!groups.includes(name)) return missing('all', all, groups);
      }
      if (any.length === 0) return passed;
      for (const name of any) if (groups.includes(name)) return passed;
      return missing('any', any, groups);
    };
  },
});

function missing(
  match: 'all' | 'any',
  needed: readonly string[],
  found: readonly string[],
): Verdict {
  const values = { needed: list(needed), found: list(found) };
  return failed(texts, 'group/not-member', values, `group/${match}`);
}

/** Lists at most ten names so that a reason fits on one line. */
function list(groups: readonly string[]): Words {
  if (groups.length === 0) return { en: 'none', de: 'keine' };
  const first = groups.slice(0, 10).join(', ');
  const more = groups.length - 10;
  return more > 0 ? { en: `${first} and ${more} more`, de: `${first} und ${more} weitere` } : first;
}
