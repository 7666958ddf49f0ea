import { describe, expect, it } from 'vitest';
import { anInput } from '../../../test/support/policy-input.ts';
import type { PolicyInput } from '../../core/policy/policy.ts';
import { passwordReuse } from './policy.ts';

const evaluate = (options: unknown, changes: Partial<PolicyInput>) =>
  passwordReuse.compile(passwordReuse.config.parse(options))(anInput(changes));
const prompt = { password: 'correct horse' };

describe('password_reuse', () => {
  it.each([
    [{ last: 5 }, { 'reused:5:password': false }, 'password_reuse/fresh'],
    [{ last: 5 }, { 'reused:5:password': true }, 'password_reuse/used'],
    [{}, { 'reused:5:password': true }, 'password_reuse/used'],
    [{ last: 0 }, { 'reused:0:password': true }, 'password_reuse/used'],
  ] as const)('%j with %j is %s', (options, signals, code) => {
    const verdict = evaluate(options, { prompt, signals });
    expect(verdict.reason.code).toBe(code);
    expect(verdict.pass).toBe(code !== 'password_reuse/used');
  });

  it('concerns the field that it is bound to', () => {
    const signals = { 'reused:5:password': true, 'reused:5:pin': false };
    const both = { ...prompt, pin: 'another one' };
    expect(evaluate({}, { prompt: both, signals, field: 'pin' }).pass).toBe(true);
    const config = passwordReuse.config.parse({});
    expect(passwordReuse.needs?.(config, 'pin')).toEqual(['reused:5:pin']);
    expect(passwordReuse.needs?.(config)).toEqual(['reused:5:password']);
  });

  it('accepts an optional password that was left out', () => {
    const signals = { 'reused:5:password': null };
    expect(evaluate({}, { prompt: { password: null }, signals }).pass).toBe(true);
  });

  it.each([null, {}, { pin: 'x' }])('cannot be evaluated for the submission %j', (answers) => {
    const signals = { 'reused:5:password': false };
    expect(() => evaluate({}, { prompt: answers, signals })).toThrow('no password');
  });

  it.each([null, 0, 'no', []])('cannot be evaluated with the signal %j', (signal) => {
    const signals = { 'reused:5:password': signal };
    expect(() => evaluate({}, { prompt, signals })).toThrow('neither yes nor no');
  });

  it.each([{ last: -1 }, { last: 25 }, { last: 1.5 }, { last: '5' }])(
    'refuses options %j',
    (options) => {
      expect(passwordReuse.config.safeParse(options).success).toBe(false);
    },
  );
});
