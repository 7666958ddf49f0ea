import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anInput, NOON } from '../../../test/support/policy-input.ts';
import { Problem } from '../values/problem.ts';
import {
  type Binding,
  type Evaluate,
  evaluateBinding,
  evaluateSet,
  neededBy,
  NO_POLICIES,
  type PolicySet,
  type Verdict,
} from './policy.ts';

const yes: Evaluate = () => ({ pass: true, reason: { code: 'test/yes' } });
const no: Evaluate = () => ({ pass: false, reason: { code: 'test/no' } });

/** Every way in which a policy can misbehave. */
const wrongs: Readonly<Record<string, Evaluate>> = {
  throws: () => {
    throw new Error('broken');
  },
  'throws undefined': () => {
    // oxlint-disable-next-line typescript/only-throw-error -- what a careless plug-in does
    throw undefined;
  },
  'returns nothing': (() => undefined) as unknown as Evaluate,
  'returns null': (() => null) as unknown as Evaluate,
  'returns true': (() => true) as unknown as Evaluate,
  'returns a text': (() => ({ pass: 'yes', reason: { code: 'x' } })) as unknown as Evaluate,
  'returns a promise': (async () => ({ pass: true, reason: { code: 'x' } })) as unknown as Evaluate,
  'returns no reason': (() => ({ pass: true })) as unknown as Evaluate,
  'returns a reason without a code': (() => ({ pass: true, reason: {} })) as unknown as Evaluate,
};

/** A policy without the data it needs. */
const blind: Evaluate = () => {
  throw new Problem('policy/no-user', 'the user is not known yet');
};

const bound = (evaluate: Evaluate, changes: Partial<Binding> = {}): Binding => ({
  name: 'test',
  evaluate,
  negate: false,
  otherwise: null,
  expires: null,
  dryRun: false,
  needs: [],
  field: null,
  at: 'routes[0].policies[0]',
  line: '',
  ...changes,
});
const dry = (binding: Binding): Binding => ({ ...binding, dryRun: true });
const evaluate = (binding: Binding): Verdict => evaluateBinding(binding, anInput()).verdict;

describe('a binding', () => {
  it('returns the verdict of its policy with its location in the configuration', () => {
    expect(evaluate(bound(yes))).toEqual({
      pass: true,
      reason: { code: 'test/yes', rule: 'routes[0].policies[0]' },
    });
  });

  it('inverts the verdict if it is negated', () => {
    expect(evaluate(bound(yes, { negate: true }))).toMatchObject({
      pass: false,
      reason: { code: 'not/test/yes' },
    });
    expect(evaluate(bound(no, { negate: true })).pass).toBe(true);
  });

  it.each(Object.entries(wrongs))('whose policy %s fails, negated or not', (_, wrong) => {
    for (const negate of [false, true]) {
      expect(evaluateBinding(bound(wrong, { negate }), anInput())).toMatchObject({
        verdict: { pass: false, reason: { code: 'policy/error' } },
        fault: 'error',
      });
    }
  });

  it('shows the message of a Problem, and of no other error', () => {
    expect(evaluate(bound(blind)).reason.detail).toBe('test failed: the user is not known yet');
    expect(evaluate(bound(wrongs['throws'] as Evaluate)).reason.detail).toBe('test failed');
  });

  it('that has expired or lacks a signal fails, negated or not', () => {
    for (const negate of [false, true]) {
      const expired = bound(negate ? no : yes, { negate, expires: NOON });
      expect(evaluate(expired)).toMatchObject({ pass: false, reason: { code: 'binding/expired' } });
      expect(evaluate({ ...expired, expires: NOON + 1 }).pass).toBe(true);
      const unseeing = bound(negate ? no : yes, { negate, needs: ['toString'] });
      expect(evaluate(unseeing)).toMatchObject({ pass: false, reason: { code: 'signal/missing' } });
      expect(evaluateBinding(unseeing, anInput({ signals: { toString: 1 } })).verdict.pass).toBe(
        true,
      );
    }
  });
});

describe('what a policy reads and returns', () => {
  it('is the field that its binding checks', () => {
    const fields: unknown[] = [];
    const reads: Evaluate = (input) => {
      fields.push(input.field);
      return yes(input);
    };
    evaluateBinding(bound(reads, { field: 'email' }), anInput());
    evaluateBinding(bound(reads), anInput({ field: 'phone' }));
    expect(fields).toEqual(['email', 'phone']);
  });

  it.each<Record<string, unknown>>([
    {},
    { detail: 'signed in from DE' },
    { values: { country: 'DE' } },
    { detail: 'signed in from DE', values: { country: 'DE' } },
  ])('is a reason with %j', (parts) => {
    const explained = { pass: false, reason: { code: 'test/no', ...parts } } as Verdict;
    expect(evaluate(bound(() => explained)).reason).toStrictEqual({
      code: 'test/no',
      ...parts,
      rule: 'routes[0].policies[0]',
    });
  });

  it.each<[string, Partial<Binding>, string]>([
    ['since when it is expired', { expires: NOON }, 'since 2026-11-23T12:00:00.000Z'],
    ['which signal is missing', { needs: ['geo'] }, 'geo'],
    [
      'which policy is broken',
      { evaluate: wrongs['returns nothing'] as Evaluate },
      'test gave no verdict',
    ],
  ])('names for operators %s', (_, changes, detail) => {
    expect(evaluate(bound(yes, changes)).reason.detail).toBe(detail);
  });

  it('is not asked for without its signals', () => {
    const signals = { geo: { country: 'DE' }, hour: 12 };
    expect(
      evaluateBinding(bound(yes, { needs: ['geo', 'hour'] }), anInput({ signals })),
    ).toMatchObject({
      verdict: { pass: true },
      fault: null,
      inner: [],
    });
    const one = anInput({ signals: { geo: {} } });
    expect(evaluateBinding(bound(yes, { needs: ['geo', 'hour'] }), one)).toMatchObject({
      verdict: { pass: false, reason: { code: 'signal/missing', detail: 'hour' } },
      fault: 'error',
    });
  });
});

describe('a group', () => {
  const broken = bound(wrongs['throws'] as Evaluate);
  const expired = bound(yes, { expires: NOON });
  type Row = [
    string,
    PolicySet['match'],
    Binding[],
    boolean,
    boolean,
    string,
    'error' | 'expired' | null,
  ];

  it.each<Row>([
    ['passes with its members', 'all', [bound(yes)], false, true, 'test/yes', null],
    [
      'fails with the first failed member',
      'all',
      [bound(yes), bound(no)],
      false,
      false,
      'test/no',
      null,
    ],
    [
      'passes with the first member that passes',
      'any',
      [bound(no), bound(yes)],
      false,
      true,
      'test/yes',
      null,
    ],
    ['passes without members that count', 'all', [dry(bound(no))], false, true, 'all/empty', null],
    ['inverts a pass', 'any', [bound(no), bound(yes)], true, false, 'not/test/yes', null],
    ['inverts a failure', 'all', [bound(yes), bound(no)], true, true, 'test/no', null],
    [
      'inverts the pass of an empty group',
      'any',
      [dry(bound(yes))],
      true,
      false,
      'not/any/empty',
      null,
    ],
    ['fails with an error', 'all', [broken], false, false, 'policy/error', 'error'],
    ['fails with an expired member', 'all', [expired], false, false, 'binding/expired', 'expired'],
    [
      'has no error if it passes all the same',
      'any',
      [broken, bound(yes)],
      false,
      true,
      'test/yes',
      null,
    ],
    ['does not invert an error', 'any', [bound(no), broken], true, false, 'policy/error', 'error'],
    ['does not invert an expiry', 'all', [expired], true, false, 'binding/expired', 'expired'],
    [
      'does not invert a pass beside an error',
      'any',
      [broken, bound(yes)],
      true,
      false,
      'policy/error',
      'error',
    ],
    [
      'ignores an error in a dry run',
      'all',
      [dry(broken), bound(yes)],
      true,
      false,
      'not/test/yes',
      null,
    ],
  ])('%s', (_, match, bindings, negate, pass, code, fault) => {
    const group = bound(no, { evaluate: { match, bindings }, negate, at: 'routes[0].policies[1]' });
    const evaluation = evaluateBinding(group, anInput());
    expect(evaluation).toMatchObject({
      binding: group,
      verdict: { pass, reason: { code, rule: 'routes[0].policies[1]' } },
      fault,
    });
    expect(evaluation.inner.map(({ binding: member }) => member)).toEqual(bindings);
  });

  it('explains that it could not be inverted', () => {
    const group = bound(no, { evaluate: { match: 'all', bindings: [broken] }, negate: true });
    expect(evaluate(group).reason.detail).toBe('in a group that is negated');
  });
});

describe('needed signals', () => {
  it('are those of all bindings and groups, each once', () => {
    const geo = bound(yes, { needs: ['geo'] });
    const both = bound(yes, { needs: ['geo', 'device'] });
    const group = bound(yes, { evaluate: { match: 'any', bindings: [both] } });
    const sets: PolicySet[] = [
      { match: 'all', bindings: [geo] },
      { match: 'all', bindings: [group, bound(yes, { needs: ['travel'] })] },
    ];
    expect(neededBy(sets)).toEqual(['geo', 'device', 'travel']);
    expect(neededBy([])).toEqual([]);
  });
});

/** Bindings that pass, fail or misbehave. */
const binding = fc
  .record({
    evaluate: fc.constantFrom(yes, no, ...Object.values(wrongs)),
    negate: fc.boolean(),
    dryRun: fc.boolean(),
    expires: fc.constantFrom(null, NOON - 1, NOON + 1),
    needs: fc.constantFrom([], ['geo']),
  })
  .map((changes) => bound(changes.evaluate, changes));
const policySet = fc.record({
  match: fc.constantFrom('all' as const, 'any' as const),
  bindings: fc.array(binding, { maxLength: 5 }),
});

describe('a policy set', () => {
  it('passes without an evaluation if it is empty', () => {
    expect(NO_POLICIES).toEqual({ match: 'all', bindings: [] });
    for (const match of ['all', 'any'] as const) {
      expect(evaluateSet({ match, bindings: [] }, anInput())).toEqual({
        pass: true,
        evaluations: [],
      });
    }
  });

  it('passes if all of its bindings pass, or any of them', () => {
    fc.assert(
      fc.property(policySet, (given) => {
        const verdicts = given.bindings
          .filter((b) => !b.dryRun)
          .map((b) => evaluateBinding(b, anInput()).verdict.pass);
        const expected =
          verdicts.length === 0 ||
          (given.match === 'all' ? verdicts.every(Boolean) : verdicts.some(Boolean));
        expect(evaluateSet(given, anInput()).pass).toBe(expected);
      }),
    );
  });

  it('has the same result with its dry runs and without them', () => {
    fc.assert(
      fc.property(policySet, (given) => {
        const without = { ...given, bindings: given.bindings.filter((b) => !b.dryRun) };
        const outcome = evaluateSet(given, anInput());
        expect(outcome.pass).toBe(evaluateSet(without, anInput()).pass);
        expect(outcome.evaluations.length).toBe(given.bindings.length);
      }),
    );
  });

  it('never passes by a binding that failed', () => {
    fc.assert(
      fc.property(fc.array(binding, { minLength: 1, maxLength: 5 }), (bindings) => {
        const broken = bindings.map((b) =>
          bound(Object.values(wrongs)[0] as Evaluate, {
            ...b,
            dryRun: false,
            evaluate: wrongs['throws'] as Evaluate,
          }),
        );
        for (const match of ['all', 'any'] as const) {
          expect(evaluateSet({ match, bindings: broken }, anInput()).pass).toBe(false);
        }
      }),
    );
  });

  it('of all bindings never passes by one more, and one of any bindings never fails by it', () => {
    fc.assert(
      fc.property(policySet, binding, (given, more) => {
        const before = evaluateSet(given, anInput()).pass;
        const after = evaluateSet(
          { ...given, bindings: [...given.bindings, more] },
          anInput(),
        ).pass;
        const counts = given.bindings.some((b) => !b.dryRun);
        const isOff = given.match === 'all' ? after && !before : counts && before && !after;
        expect(isOff).toBe(false);
      }),
    );
  });
});
