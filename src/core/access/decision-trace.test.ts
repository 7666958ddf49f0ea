/**
 * A trace contains exactly the evaluations that led to the decision: none is repeated, none is
 * missing.
 */
import { describe, expect, it } from 'vitest';
import { aSession, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { denialsOf, dryRunDenialsOf, rulesJson, traceOf } from './decision-trace.ts';
import type { Binding, PolicySet } from '../policy/policy.ts';
import { type Rule, routeTable } from '../routes/route.ts';

const site = { origin: 'https://auth.x', scheme: 'https' as const, host: 'auth.x', port: 0 };

/**
 * `/A` matches the rule of `/**` as written, and the rule of `/a` as a case-insensitive app reads
 * it.
 */
function decided(rules: readonly Rule[], isSignedIn = true): Decision {
  return decide({
    table: routeTable([aRoute({ rules })]),
    site,
    facts: someFacts({ target: '/A' }),
    visitor: isSignedIn ? { session: aSession(), user: aUser() } : null,
    signals: {},
    now: NOON,
  });
}

function group(gate: PolicySet, changes: Partial<Binding> = {}): Binding {
  return testBinding(true, { name: gate.match, evaluate: gate, ...changes });
}

const yes = testBinding(true, { name: 'yes', line: 'd.yaml:3:1' });
const no = testBinding(false, { name: 'no', at: 'routes[0].policies[1]', line: 'd.yaml:4:1' });
const broken = testBinding(true, {
  name: 'broken',
  evaluate: () => {
    throw new Error('secret');
  },
});
const guarded = (...bindings: Binding[]): Rule =>
  aRule({ name: 'wiki', line: 'd.yaml:1:1', policies: { match: 'all', bindings } });

describe('the trace of a decision', () => {
  it('contains every binding with its members, its fault and its location', () => {
    const inner: PolicySet = { match: 'any', bindings: [no, broken] };
    const decision = decided([guarded(yes, group(inner, { line: 'd.yaml:5:1' }))]);
    expect(traceOf(decision)).toMatchObject({
      decision: 'deny',
      status: 403,
      flow: null,
      rules: [
        {
          name: 'wiki',
          pass: false,
          line: 'd.yaml:1:1',
          bindings: [
            { policy: 'yes', match: null, pass: true, bindings: [] },
            {
              policy: 'any',
              match: 'any',
              pass: false,
              line: 'd.yaml:5:1',
              bindings: [
                { policy: 'no', pass: false, code: 'dummy/fail', line: 'd.yaml:4:1' },
                { policy: 'broken', pass: false, fault: 'error', code: 'policy/error' },
              ],
            },
          ],
        },
      ],
    });
    expect(JSON.stringify(rulesJson(traceOf(decision)))).not.toContain('secret');
  });

  it('evaluates no policy again', () => {
    let evaluations = 0;
    const counting = testBinding(false, {
      evaluate: () => {
        evaluations += 1;
        return { pass: evaluations > 1, reason: { code: `asked/${evaluations}` } };
      },
    });
    const decision = decided([guarded(counting)]);
    expect([traceOf(decision).rules[0]?.bindings[0]?.code, evaluations]).toEqual(['asked/1', 1]);
    expect([denialsOf(decision)[0]?.code, evaluations]).toEqual(['asked/1', 1]);
  });

  it('marks rules that were not evaluated', () => {
    const denies = guarded(no);
    const open = aRule({ pattern: '/a', name: 'open', public: true });
    const later = { ...guarded(yes), pattern: '/a', name: 'later' };
    const told = (...rules: Rule[]) =>
      traceOf(decided(rules)).rules.map(({ name, pass }) => [name, pass]);
    expect(told(denies, open)).toEqual([
      ['wiki', false],
      ['open', null],
    ]);
    expect(told(denies, later)).toEqual([
      ['wiki', false],
      ['later', null],
    ]);
    expect(told(guarded(yes), later)).toEqual([
      ['wiki', true],
      ['later', true],
    ]);
    expect(traceOf(decided([guarded(no)], false)).rules).toMatchObject([{ pass: null }]);
    expect(traceOf(decided([], true)).rules).toEqual([]);
  });
});

describe('the reasons of a refusal', () => {
  it('are all failed policies, and of a group its failed members', () => {
    const any: PolicySet = { match: 'any', bindings: [no, broken] };
    const decision = decided([guarded(yes, group(any))]);
    expect(denialsOf(decision)).toEqual([
      { rule: 'wiki', policy: 'no', code: 'dummy/fail', detail: null, line: 'd.yaml:4:1' },
      {
        rule: 'wiki',
        policy: 'broken',
        code: 'policy/error',
        detail: 'broken failed',
        line: 'routes[0].policies[0]',
      },
    ]);
    expect(denialsOf(decision).map(({ code }) => code)).toEqual(
      decision.reasons.map((r) => r.code),
    );
  });

  it('are the rule itself if the session is too old for it', () => {
    const rule = { ...guarded(yes), maxAge: 1000 };
    expect(denialsOf(decided([rule]))).toEqual([
      {
        rule: 'wiki',
        policy: null,
        code: 'session/too-old',
        detail: 'signed in 1 minutes ago',
        line: 'd.yaml:1:1',
      },
    ]);
  });

  it('are empty if access is granted, even with a failed dry run', () => {
    const dry = { ...no, dryRun: true };
    const decision = decided([guarded(yes, dry, group({ match: 'all', bindings: [yes, dry] }))]);
    expect(decision.kind).toBe('allow');
    expect(denialsOf(decision)).toEqual([]);
    const told = { rule: 'wiki', policy: 'no', code: 'dummy/fail', detail: null };
    expect(dryRunDenialsOf(decision)).toEqual([
      { ...told, line: 'd.yaml:4:1' },
      { ...told, line: 'd.yaml:4:1' },
    ]);
  });
});

describe('dry runs of two rules', () => {
  it('are reported for both if the first requires a remedy', () => {
    const dry = { ...no, dryRun: true };
    const asks = guarded({ ...no, otherwise: 'step-up' }, dry);
    const decision = decided([asks, { ...guarded(dry), pattern: '/a' }]);
    expect(decision.kind).toBe('authenticate');
    expect(decision.dryRun).toHaveLength(2);
    expect(dryRunDenialsOf(decision)).toHaveLength(2);
  });
});
