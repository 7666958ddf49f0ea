/** Decisions over a table at noon, on a site whose portal is https://auth.x. */
import { decide } from '../../src/core/access/decide.ts';
import type { Decision, Visitor } from '../../src/core/access/decision.ts';
import type { Binding, PolicySet } from '../../src/core/policy/policy.ts';
import { type Route, routeTable } from '../../src/core/routes/route.ts';
import { NOON, someFacts } from './policy-input.ts';
import { testBinding } from './snapshot.ts';

export const site = { origin: 'https://auth.x', scheme: 'https' as const, host: 'auth.x', port: 0 };

/** Decides on requests of this visitor, or of one who is not signed in. */
export function decidingFor(visitor: Visitor) {
  return (
    routes: readonly Route[],
    request: Parameters<typeof someFacts>[0],
    signedIn = true,
  ): Decision =>
    decide({
      table: routeTable(routes),
      site,
      facts: someFacts(request),
      visitor: signedIn ? visitor : null,
      signals: {},
      now: NOON,
    });
}

/** A binding whose policy says `yes`, `throws`, or anything else for a no. */
export const binding = (says: string, changes: Partial<Binding> = {}): Binding =>
  testBinding(says === 'yes', {
    name: says,
    evaluate: () => {
      if (says === 'throws') throw new Error('broken');
      return { pass: says === 'yes', reason: { code: `test/${says}` } };
    },
    at: 'here',
    ...changes,
  });

/** A set of policies. */
export const gate = (match: 'all' | 'any', ...bindings: Binding[]): PolicySet => ({
  match,
  bindings,
});

/** The codes of a decision's reasons. */
export const codes = (decision: Decision) => decision.reasons.map((r) => r.code);
