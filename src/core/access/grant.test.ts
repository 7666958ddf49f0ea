/** A visitor with a token has a known user but no sign-in. */
import { describe, expect, it } from 'vitest';
import { aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { method } from '../../policies/method/policy.ts';
import { decide } from './decide.ts';
import type { Decision, GrantVisitor } from './decision.ts';
import type { Binding } from '../policy/policy.ts';
import { type Rule, routeTable } from '../routes/route.ts';

const visitor: GrantVisitor = {
  session: null,
  grant: { id: 'token-1', expiresAt: null },
  user: aUser(),
};
const site = { origin: 'https://auth.x', scheme: 'https' as const, host: 'auth.x', port: 0 };

const deciding = (rule: Partial<Rule>): Decision =>
  decide({
    table: routeTable([aRoute({ rules: [aRule(rule)] })]),
    site,
    facts: someFacts({}),
    visitor,
    signals: {},
    now: NOON,
  });

const methodBinding = (options: unknown, negate: boolean): Binding => ({
  name: 'method',
  evaluate: method.compile(method.config.parse(options)),
  negate,
  otherwise: null,
  expires: null,
  dryRun: false,
  needs: [],
  field: null,
  at: 'here',
  line: '',
});

describe('a visitor with a token', () => {
  it('may open what any user may open', () => {
    expect(deciding({})).toMatchObject({ kind: 'allow', visitor });
  });

  it.each([
    ['a maximum age of the sign-in', { maxAge: Number.MAX_SAFE_INTEGER }],
    ['a maximum age of the last proof', { factorAge: Number.MAX_SAFE_INTEGER }],
  ])('never satisfies %s', (_what, rule) => {
    const decision = deciding(rule);
    expect(decision.kind).toBe('authenticate');
    expect(decision.reasons).toMatchObject([
      { code: 'session/none', detail: 'a token has no sign-in' },
    ]);
  });

  it.each([false, true])('never satisfies a required method (negated: %s)', (negate) => {
    const bindings = [methodBinding({ any: ['password'] }, negate)];
    const decision = deciding({ policies: { match: 'all', bindings } });
    expect(decision.kind).toBe('deny');
    expect(decision.reasons).toMatchObject([{ code: 'policy/error' }]);
  });
});
