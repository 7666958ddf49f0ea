import { describe, expect, it } from 'vitest';
import { anInput, aUser } from '../../../test/support/policy-input.ts';
import { user } from './policy.ts';

const evaluate = (options: unknown, name = 'ann') =>
  user.compile(user.config.parse(options))(anInput({ user: aUser({ name }) }));

describe('user', () => {
  it.each([
    [{ any: ['ann', 'bob'] }, 'ann', 'user/listed'],
    [{ any: ['ANN'] }, 'ann', 'user/listed'],
    [{ any: ['ann'] }, 'Ann', 'user/listed'],
    [{ any: ['bob'] }, 'ann', 'user/not-listed'],
    [{ any: ['embedded/u1'] }, 'ann', 'user/listed'],
    [{ any: ['file/u1'] }, 'ann', 'user/not-listed'],
    [{ none: ['bob'] }, 'ann', 'user/not-excluded'],
    [{ none: ['Ann'] }, 'ann', 'user/excluded'],
    [{ none: ['embedded/u1'] }, 'ann', 'user/excluded'],
    [{ any: ['ann'], none: ['ann'] }, 'ann', 'user/excluded'],
  ])('evaluates %j for %s as %s', (options, name, code) => {
    const verdict = evaluate(options, name);
    expect(verdict.reason.code).toBe(code);
    expect(verdict.pass).toBe(code === 'user/listed' || code === 'user/not-excluded');
  });

  it('accepts a compatibility spelling of the same name', () => {
    expect(evaluate({ any: ['ann'] }, 'ａｎｎ').pass).toBe(true);
  });

  it('fails without a user', () => {
    const compiled = user.compile(user.config.parse({ none: ['bob'] }));
    expect(() => compiled(anInput({ user: null }))).toThrow('the user is not known');
  });

  it.each([{}, { any: [] }, { any: 'ann' }, { all: ['ann'] }])('refuses options %j', (options) => {
    expect(user.config.safeParse(options).success).toBe(false);
  });
});
