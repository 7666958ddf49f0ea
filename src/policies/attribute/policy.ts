/**
 * Passes by what the directory keeps about somebody. What cannot be told is no answer, so that neither
 * `none` nor `negate` makes a yes of an attribute that is not there.
 */
import { z } from 'zod';
import { definePolicy, type Verdict } from '../../core/access/policy.ts';
import { Problem } from '../../core/values/problem.ts';
import type { User } from '../../core/people/user.ts';
import { type Comparison, compareBy, comparison } from './comparison.ts';

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
/** Longest detail, in characters. */
const MAX_DETAIL = 300;

export const attribute = definePolicy({
  type: 'attribute',
  config,
  compile({ any, all, none }) {
    const parts = [
      excluding((none ?? []).map(compareBy)),
      requiring((all ?? []).map(compareBy)),
      ...(any === undefined ? [] : [choosing(any.map(compareBy))]),
    ];
    const passed = any === undefined && all === undefined ? NOT_EXCLUDED : MATCHES;
    return ({ user }) => {
      if (user === null) throw new Problem('policy/no-user', 'nobody is known here yet');
      let unknown: string | null = null;
      for (const part of parts) {
        const found = part(user);
        if (found === null) continue;
        // A plain no stands, whatever else cannot be told.
        if (typeof found !== 'string') return found;
        unknown ??= found;
      }
      if (unknown !== null) throw new Problem('policy/no-attribute', unknown);
      return passed;
    };
  },
});

/** A part of the policy: null when it is right, its no, or why it cannot be told. */
type Part = (user: User) => Verdict | string | null;

function excluding(list: readonly Comparison[]): Part {
  const refusals = new Map(list.map((one) => [one, no('attribute/excluded', one.words)]));
  return each(list, (one, found) => (found ? (refusals.get(one) ?? null) : null));
}

function requiring(list: readonly Comparison[]): Part {
  const refusals = new Map(list.map((one) => [one, no(codeOf([one]), `needs ${one.words}`)]));
  return each(list, (one, found) => (found ? null : (refusals.get(one) ?? null)));
}

/** The first plain no of a list; else why one of it cannot be told; else null. */
function each(
  list: readonly Comparison[],
  judge: (one: Comparison, found: boolean) => Verdict | null,
): Part {
  return ({ attributes }) => {
    let unknown: string | null = null;
    for (const one of list) {
      const found = one.find(attributes);
      if (typeof found !== 'boolean') unknown ??= found.unknown;
      else {
        const refusal = judge(one, found);
        if (refusal !== null) return refusal;
      }
    }
    return unknown;
  };
}

function choosing(list: readonly Comparison[]): Part {
  const words = list.map((one) => one.words).join(' or ');
  const refusal = no(codeOf(list), `needs ${words}`);
  return ({ attributes }) => {
    let unknown: string | null = null;
    for (const one of list) {
      const found = one.find(attributes);
      if (found === true) return null;
      if (found !== false) unknown ??= found.unknown;
    }
    return unknown ?? refusal;
  };
}

function codeOf(list: readonly Comparison[]): string {
  return list.every((one) => one.isExistence) ? 'attribute/missing' : 'attribute/differs';
}

function no(code: string, detail: string): Verdict {
  const cut = detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail;
  return { pass: false, reason: { code, detail: cut } };
}
