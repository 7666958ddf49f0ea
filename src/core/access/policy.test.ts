import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anInput, NOON } from '../../../test/support/policy-input.ts';
import { Problem } from '../values/problem.ts';
import {
  type Binding,
  type Evaluate,
  evaluateBinding,
  evaluateSet,
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
  'gives nothing': (() => undefined) as unknown as Evaluate,
  'gives null': (() => null) as unknown as Evaluate,
  'gives true': (() => true) as unknown as Evaluate,
  'gives a text': (() => ({ pass: 'yes', reason: { code: 'x' } })) as unknown as Evaluate,
  'gives a promise': (async () => ({ pass: true, reason: { code: 'x' } })) as unknown as Evaluate,
  'gives no reason': (() => ({ pass: true })) as unknown as Evaluate,
  'gives a reason without a code': (() => ({ pass: true, reason: {} })) as unknown as Evaluate,
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
const evaluate = (binding: Binding): Verdict => evaluateBinding(binding, anInput()).verdict;

describe('a binding', () => {
  it('says what its policy says, and where it stands', () => {
    expect(evaluate(bound(yes))).toEqual({
      pass: true,
      reason: { code: 'test/yes', rule: 'routes[0].policies[0]' },
    });
  });

  it('turns the answer round when it is negated', () => {
    expect(evaluate(bound(yes, { negate: true }))).toMatchObject({
      pass: false,
      reason: { code: 'not/test/yes' },
    });
    expect(evaluate(bound(no, { negate: true })).pass).toBe(true);
  });

  it.each(Object.entries(wrongs))('whose policy %s says no, negated or not', (_, wrong) => {
    for (const negate of [false, true]) {
      expect(evaluate(bound(wrong, { negate }))).toMatchObject({
        pass: false,
        reason: { code: 'policy/error' },
      });
    }
  });

  it('passes the words of a Problem on, and nobody else’s', () => {
    expect(evaluate(bound(blind)).reason.detail).toBe('test failed: the user is not known yet');
    expect(evaluate(bound(wrongs['throws'] as Evaluate)).reason.detail).toBe('test failed');
  });

  it('that has expired, or lacks a signal, says no, negated or not', () => {
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
const gate = fc.record({
  match: fc.constantFrom('all' as const, 'any' as const),
  bindings: fc.array(binding, { maxLength: 5 }),
});

describe('a gate', () => {
  it('passes when every binding, or any one of them, passes', () => {
    fc.assert(
      fc.property(gate, (given) => {
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

  it('answers the same with its dry-run bindings and without them', () => {
    fc.assert(
      fc.property(gate, (given) => {
        const without = { ...given, bindings: given.bindings.filter((b) => !b.dryRun) };
        const outcome = evaluateSet(given, anInput());
        expect(outcome.pass).toBe(evaluateSet(without, anInput()).pass);
        expect(outcome.evaluations.length).toBe(given.bindings.length);
      }),
    );
  });

  it('never opens by a binding that failed, expired or could not see', () => {
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

  it('that needs all is never opened by one more binding, nor one that needs any closed by it', () => {
    fc.assert(
      fc.property(gate, binding, (given, more) => {
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
