import { describe, expect, it } from 'vitest';
import { anInput, NOON } from '../../../test/support/policy-input.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import { dryRunReasons, failureReasons, keepsStage, passReasons, remedyOf } from './evaluation.ts';
import { type Binding, evaluateSet, type PolicySet } from './policy.ts';

const named = (pass: boolean, name: string, changes: Partial<Binding> = {}): Binding =>
  testBinding(pass, { name, evaluate: () => ({ pass, reason: { code: name } }), ...changes });
const passing = named(true, 'passing');
const failing = named(false, 'failing');
const remedied = named(false, 'remedied', { otherwise: 'step-up' });
const consenting = named(false, 'consenting', { otherwise: 'consent' });
const broken = named(false, 'broken', {
  otherwise: 'step-up',
  evaluate: () => {
    throw new Error('broken');
  },
});
const expired = named(true, 'expired', { otherwise: 'step-up', expires: NOON });

type Match = PolicySet['match'];
const set = (match: Match, ...bindings: Binding[]): PolicySet => ({ match, bindings });
const group = (match: Match, members: readonly Binding[], changes: Partial<Binding> = {}) =>
  testBinding(true, { name: match, evaluate: set(match, ...members), ...changes });
const dry = (binding: Binding): Binding => ({ ...binding, dryRun: true });
const negated = (binding: Binding): Binding => ({ ...binding, negate: true });

const outcomeOf = (given: PolicySet) => evaluateSet(given, anInput());
const codes = (reasons: readonly { readonly code: string }[]) => reasons.map(({ code }) => code);

describe('the reasons of a failed policy set', () => {
  it.each<[string, PolicySet, string[]]>([
    ['all failed policies', set('all', failing, passing, remedied), ['failing', 'remedied']],
    ['no dry run', set('all', dry(remedied), failing), ['failing']],
    [
      'the failed members of a group, not the group itself',
      set('all', group('all', [passing, failing, group('any', [remedied])])),
      ['failing', 'remedied'],
    ],
    [
      'no failed dry run of a group',
      set('all', group('all', [dry(remedied), failing])),
      ['failing'],
    ],
    [
      'a negated group as a whole, since its members passed',
      set('all', negated(group('any', [failing, passing]))),
      ['not/passing'],
    ],
    ['nothing if the set passed', set('any', failing, passing), []],
  ])('contain %s', (_, given, expected) => {
    expect(codes(failureReasons(outcomeOf(given)))).toEqual(expected);
  });
});

describe('the reasons of a policy set that passed', () => {
  it.each<[string, PolicySet, string[]]>([
    ['every policy that passed', set('all', passing, named(true, 'other')), ['passing', 'other']],
    ['no policy that failed', set('any', failing, passing), ['passing']],
    ['no dry run', set('all', dry(passing), named(true, 'other')), ['other']],
  ])('contain %s', (_, given, expected) => {
    expect(codes(passReasons(outcomeOf(given)))).toEqual(expected);
  });
});

describe('the reasons of dry runs', () => {
  it.each<[string, PolicySet, string[]]>([
    ['a dry run that would have denied', set('all', dry(failing), passing), ['failing']],
    ['no dry run that would have passed', set('all', dry(passing)), []],
    ['no policy that does count', set('all', failing), []],
    [
      'a dry run inside a group, in the order of the configuration',
      set('all', group('all', [dry(failing), passing]), dry(remedied)),
      ['failing', 'remedied'],
    ],
    [
      'a group in a dry run once, without its members',
      set('all', dry(group('all', [dry(failing), remedied]))),
      ['remedied'],
    ],
  ])('contain %s', (_, given, expected) => {
    expect(codes(dryRunReasons(outcomeOf(given).evaluations))).toEqual(expected);
  });
});

describe('the remedy of a failed policy set', () => {
  it.each<[string, PolicySet, string | null]>([
    ['the flow of the failed policy', set('all', passing, remedied), 'step-up'],
    ['the first of several flows', set('all', consenting, remedied), 'consent'],
    ['none if one of all failed policies has no flow', set('all', remedied, failing), null],
    ['the flow of one of any failed policies', set('any', failing, remedied), 'step-up'],
    ['none without a flow', set('any', failing), null],
    ['not that of a dry run', set('all', dry(remedied), consenting), 'consent'],
    ['none for a policy that could not be evaluated', set('any', broken), null],
    ['none for an expired policy', set('any', expired), null],
    ['the flow of a member', set('all', group('all', [remedied])), 'step-up'],
    [
      'the flow of a member before that of its group',
      set('all', group('all', [remedied], { otherwise: 'consent' })),
      'step-up',
    ],
    [
      'the flow of the group if its members have none',
      set('all', group('all', [failing, remedied], { otherwise: 'consent' })),
      'consent',
    ],
    [
      'the flow of a member although another member of an "any" group is broken',
      set('all', group('any', [broken, consenting])),
      'consent',
    ],
    [
      'none for a group of all that contains a broken policy',
      set('all', group('all', [broken, consenting], { otherwise: 'step-up' })),
      null,
    ],
    [
      'not the flow of a failed member if the group is negated: it would not help',
      set('all', negated(group('any', [passing, remedied]))),
      null,
    ],
    [
      'the flow of a negated group itself',
      set('all', { ...negated(group('any', [passing, remedied])), otherwise: 'consent' }),
      'consent',
    ],
  ])('is %s', (_, given, flow) => {
    expect(remedyOf(given.match, outcomeOf(given).evaluations)).toBe(flow);
  });
});

describe('a stage with policies', () => {
  it.each<[string, boolean, PolicySet]>([
    ['runs if its policies pass', true, set('all', passing)],
    ['is skipped if they fail', false, set('all', passing, failing)],
    ['runs if a policy could not be evaluated', true, set('all', failing, broken)],
    ['runs if an exception has expired', true, set('all', failing, expired)],
    ['is skipped although a dry run is broken', false, set('all', failing, dry(broken))],
  ])('%s', (_, runs, given) => {
    expect(keepsStage(outcomeOf(given))).toBe(runs);
  });
});
