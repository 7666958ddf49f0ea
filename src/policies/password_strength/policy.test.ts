import { describe, expect, it } from 'vitest';
import { anInput, aUser, someFacts } from '../../../test/support/policy-input.ts';
import type { LinkedConfiguration, PolicyInput } from '../../core/policy/policy.ts';
import { passwordStrength } from './policy.ts';

const facts = someFacts({ authority: 'auth.example.com' });

function evaluate(options: object, password: unknown, changes: Partial<PolicyInput> = {}) {
  return evaluateIn(undefined, { min: 10, ...options }, password, changes);
}

function evaluateIn(
  configuration: LinkedConfiguration | undefined,
  options: object,
  password: unknown,
  changes: Partial<PolicyInput> = {},
) {
  const { prompt, signals, ...rest } = changes;
  const evaluated = passwordStrength.compile(passwordStrength.config.parse(options), configuration);
  return evaluated(
    anInput({
      facts,
      prompt: { ...prompt, password } as PolicyInput['prompt'],
      signals: { 'common:password': false, ...signals },
      ...rest,
    }),
  );
}

const needs = (options: unknown, field?: string) =>
  passwordStrength.needs?.(passwordStrength.config.parse(options), field);

describe('password_strength', () => {
  it.each([
    [{}, 'ninechars', 'too-short'],
    [{}, 'tenchars..', 'strong'],
    [{ min: 4 }, '\u{1F608}'.repeat(3), 'too-short'],
    [{ min: 4 }, '\u{1F608}'.repeat(4), 'strong'],
    [{ min: 1 }, '€'.repeat(341), 'strong'],
    [{ min: 1 }, '€'.repeat(342), 'too-long'],
    // Compatibility characters grow when they are normalized for hashing.
    [{ min: 1 }, 'ﷺ'.repeat(100), 'too-long'],
    [{ classes: 2 }, 'onlysmallletters', 'too-few-classes'],
    [{ classes: 2 }, 'small letters', 'strong'],
    [{ classes: 3 }, 'Small letters', 'strong'],
    [{ classes: 4 }, 'Small letters', 'too-few-classes'],
    [{ classes: 4 }, 'Small letters 1', 'strong'],
    [{ classes: 2 }, '漢字かな漢字かな漢字', 'too-few-classes'],
    [{ classes: 3 }, 'Прохожий 1', 'strong'],
  ] as const)('by length and classes %j of %j: %s', (options, password, code) => {
    const verdict = evaluate(options, password, { user: null });
    expect(verdict.reason.code).toBe(`password_strength/${code}`);
    expect(verdict.pass).toBe(code === 'strong');
  });

  it.each([
    [true, 'fourteen chars', 'too-short'],
    [true, 'fifteen chars..', 'strong'],
    [false, 'seven..', 'too-short'],
    [false, 'eight...', 'strong'],
  ])('by what it protects, alone %s: %j is %s', (isAlone, password, code) => {
    const { reason } = evaluateIn({ isPasswordAlone: () => isAlone }, {}, password);
    expect(reason.code).toBe(`password_strength/${code}`);
  });

  it('requires the longer one if it is not known what it protects', () => {
    expect(evaluateIn(undefined, {}, 'fourteen chars').reason).toMatchObject({
      code: 'password_strength/too-short',
      values: { least: 15 },
    });
  });

  it('refuses the most common ones by default', () => {
    const signals = { 'common:password': true };
    const { reason } = evaluate({}, 'iloveyou1234', { signals });
    expect(reason).toEqual({ code: 'password_strength/common' });
    expect(evaluate({ common: false }, 'iloveyou1234', { signals }).pass).toBe(true);
    expect(() => evaluate({}, 'iloveyou1234', { signals: { 'common:password': null } })).toThrow(
      'no boolean',
    );
  });

  it.each([
    ['AnnExample2026!', 'own-data'],
    ['ann@example.com', 'own-data'],
    ['ＡＮＮexample12', 'own-data'],
    ['annannannann', 'own-data'],
    ['exannample12', 'own-data'],
    ['ann keeps twelve goats', 'strong'],
    ['bob-the-builder', 'own-data'],
    ['builder199007', 'own-data'],
    ['authauthauth', 'own-data'],
    ['acmeacme2026', 'own-data'],
    ['tractor shed', 'strong'],
  ])('counts no personal data toward the length: %j', (password, code) => {
    const prompt = { username: 'bob', about: 'The Builder', born: '1990-07-01', age: 42 };
    const verdict = evaluate({ words: ['ACME'] }, password, { user: aUser(), prompt });
    expect(verdict.reason.code).toBe(`password_strength/${code}`);
  });

  it('counts personal data if configured', () => {
    expect(evaluate({ own_data: true }, 'AnnExample2026!').pass).toBe(true);
  });

  it('reports the requirements in numbers, and nothing of what was typed', () => {
    expect(evaluate({ min: 12 }, 'sesame!').reason).toEqual({
      code: 'password_strength/too-short',
      detail: '7 of 12 characters',
      compared: { key: 'detail.password_strength/too-short', values: { found: 7, least: 12 } },
      values: { least: 12 },
    });
    expect(JSON.stringify(evaluate({}, 'AnnExample26').reason)).not.toMatch(/ann|example/i);
  });

  it.each([
    [{ score: 3 }, 2, 'too-easy'],
    [{ score: 3 }, 3, 'strong'],
    [{ score: 1 }, 0, 'too-easy'],
  ])('by estimate: %j of %d is %s', (options, estimate, code) => {
    const signals = { 'strength:password': estimate };
    expect(evaluate(options, 'correct horse', { signals }).reason.code).toBe(
      `password_strength/${code}`,
    );
  });

  it.each([
    [0, 'strong'],
    [1, 'breached'],
    [9_545_824, 'breached'],
  ])('by breaches: seen %d times is %s', (count, code) => {
    const signals = { 'breached:password': count };
    expect(evaluate({ breached: true }, 'correct horse', { signals }).reason.code).toBe(
      `password_strength/${code}`,
    );
  });

  it('needs the signals for its options, of its field', () => {
    expect(needs({ common: false })).toEqual([]);
    expect(needs({ score: 3 })).toEqual(['strength:password', 'common:password']);
    expect(needs({ score: 3, breached: true }, 'pin')).toEqual([
      'strength:pin',
      'common:pin',
      'breached:pin',
    ]);
  });

  it('accepts an optional password that was left out', () => {
    expect(evaluate({ score: 4, breached: true }, null).reason.code).toBe('password_strength/none');
  });

  it.each([undefined, 42, true, ['x'], { password_hash: 'x' }])(
    'cannot be evaluated for %j',
    (password) => {
      expect(() => evaluate({}, password)).toThrow('no password');
    },
  );

  it('cannot be evaluated for a field without a submission', () => {
    expect(() => evaluate({}, 'correct horse', { field: '__proto__' })).toThrow('no password');
    expect(() => evaluate({}, 'correct horse', { field: 'constructor' })).toThrow('no password');
  });

  it.each([null, '4', {}])('cannot be evaluated with the signal %j', (signal) => {
    const signals = { 'strength:password': signal, 'breached:password': signal };
    expect(() => evaluate({ score: 1 }, 'correct horse', { signals })).toThrow('no number');
    expect(() => evaluate({ breached: true }, 'correct horse', { signals })).toThrow('no number');
  });

  it('terminates quickly for input made to take long', () => {
    const prompt = Object.fromEntries(
      Array.from({ length: 32 }, (_, i) => [`t${i}`, 'aaab'.repeat(250)]),
    );
    const password = 'a'.repeat(1_024);
    expect(evaluate({ min: 128 }, password, { prompt }).pass).toBe(true);
  });

  it.each([
    { min: 0 },
    { min: 129 },
    { classes: 5 },
    { score: 5 },
    { score: 0 },
    { breached: 'yes' },
    { words: ['ab'] },
    { max: 20 },
  ])('refuses options %j', (options) => {
    expect(passwordStrength.config.safeParse(options).success).toBe(false);
  });
});
