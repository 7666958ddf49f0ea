/**
 * Passes by the user's attributes in the directory. If a result is unknown, the evaluation fails,
 * so a missing attribute never passes through `none` or `negate`.
 */
import { z } from 'zod';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type Verdict } from '../../core/policy/policy.ts';
import { englishOf } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import type { User } from '../../core/people/user.ts';
import { type Comparison, compareBy, comparison } from './comparison.ts';
import { texts } from './texts.ts';

const comparisons = z.array(comparison).min(1).max(100);

const config = z
  .strictObject({
    any: comparisons.optional().describe('At least one of these comparisons must be true.'),
    all: comparisons.optional().describe('All of these must be true.'),
    none: comparisons.optional().describe('None of these may be true.'),
  })
  .refine((c) => c.any !== undefined || c.all !== undefined || c.none !== undefined, {
    message: 'expected any, all or none with a list of comparisons',
  });

const MATCHES: Verdict = { pass: true, reason: { code: 'attribute/matches' } };
const NOT_EXCLUDED: Verdict = { pass: true, reason: { code: 'attribute/not-excluded' } };

export const attribute = definePolicy({
  type: 'attribute',
  config,
  texts,
  compile({ any, all, none }) {
    const parts = [
      excluding((none ?? []).map(compareBy)),
      requiring((all ?? []).map(compareBy)),
      ...(any === undefined ? [] : [choosing(any.map(compareBy))]),
    ];
    const passed = any === undefined && all === undefined ? NOT_EXCLUDED : MATCHES;
    return ({ user }) => {
      if (user === null) throw new Problem('policy/no-user', 'the user is not known yet');
      let unknown: string | null = null;
      for (const part of parts) {
        const found = part(user);
        if (found === null) continue;
        // A definite failure takes precedence over unknown results.
        if (typeof found !== 'string') return found;
        unknown ??= found;
      }
      if (unknown !== null) throw new Problem('policy/no-attribute', unknown);
      return passed;
    };
  },
});

/**
 * One option of the policy: returns null if satisfied, the failing verdict, or why the result is
 * unknown.
 */
type Part = (user: User) => Verdict | string | null;

function excluding(list: readonly Comparison[]): Part {
  return each(
    list.map((one) => ({
      find: one.find,
      failsIf: true,
      failure: failed(texts, 'attribute/excluded', { comparison: one.words }),
    })),
  );
}

function requiring(list: readonly Comparison[]): Part {
  return each(
    list.map((one) => ({
      find: one.find,
      failsIf: false,
      failure: missing([one]),
    })),
  );
}

/** A comparison that fails the policy if it holds, or if it does not. */
interface Condition extends Pick<Comparison, 'find'> {
  readonly failsIf: boolean;
  readonly failure: Verdict;
}

/**
 * Returns the first failing verdict in the list, else the first reason for an unknown result, else null.
 */
function each(conditions: readonly Condition[]): Part {
  return ({ attributes }) => {
    let unknown: string | null = null;
    for (const { find, failsIf, failure } of conditions) {
      const found = find(attributes);
      if (typeof found !== 'boolean') unknown ??= found.unknown;
      else if (found === failsIf) return failure;
    }
    return unknown;
  };
}

function choosing(list: readonly Comparison[]): Part {
  const failure = missing(list);
  return ({ attributes }) => {
    let unknown: string | null = null;
    for (const one of list) {
      const found = one.find(attributes);
      if (found === true) return null;
      if (found !== false) unknown ??= found.unknown;
    }
    return unknown ?? failure;
  };
}

/** The verdict if none of these is true. */
function missing(list: readonly Comparison[]): Verdict {
  const isMissing = list.every((one) => one.isExistence);
  const code = isMissing ? 'attribute/missing' : 'attribute/differs';
  const any = {
    en: list.map(({ words }) => englishOf(words)).join(' or '),
    de: list.map(({ words }) => (typeof words === 'string' ? words : words['de'])).join(' oder '),
  };
  return failed(texts, code, { comparison: any }, 'attribute/needed');
}
