import { describe, expect, it } from 'vitest';
import { anInput, NOON } from '../../../test/support/policy-input.ts';
import type { Json } from '../../core/values/json.ts';
import { consent } from './policy.ts';

const DAY = 86_400_000;
const evaluate = (options: unknown, value: Json, changes: object = {}) =>
  consent.compile(consent.config.parse(options))(
    anInput({ route: { id: 'wiki' }, signals: { consent: value }, ...changes }),
  );
const given = (permissions: Json, expiresAt: Json = null) => ({ permissions, expiresAt });
const BOTH = { permissions: ['email', 'groups'] };

describe('consent', () => {
  it.each<[object, Json, string]>([
    [BOTH, given(['groups', 'email']), 'consent/given'],
    [BOTH, given(['groups', 'email', 'more']), 'consent/given'],
    [BOTH, given(['email']), 'consent/missing'],
    [BOTH, null, 'consent/missing'],
    [{}, given([]), 'consent/given'],
    [{}, null, 'consent/missing'],
    [BOTH, given(['email', 'groups'], NOON + 1), 'consent/given'],
    [BOTH, given(['email', 'groups'], NOON), 'consent/expired'],
    [BOTH, given(['email'], NOON - DAY), 'consent/missing'],
    [BOTH, given(['email', 'groups'], 'never'), 'consent/missing'],
    [BOTH, given('email groups'), 'consent/missing'],
    [{ permissions: [] }, 'nonsense', 'consent/missing'],
  ])('of %j for %j is %s', (options, value, code) => {
    const verdict = evaluate(options, value);
    expect(verdict.reason.code).toBe(code);
    expect(verdict.pass).toBe(code === 'consent/given');
  });

  it('names the missing permissions', () => {
    expect(evaluate(BOTH, given(['email'])).reason.detail).toBe('lacks groups');
    expect(evaluate({}, null).reason.detail).toBe('nothing was allowed');
  });

  it('fails without a user, or outside an app', () => {
    expect(() => evaluate(BOTH, null, { user: null })).toThrow('the user is not known');
    expect(() => evaluate(BOTH, null, { route: null })).toThrow('no app');
  });

  it('requires the same permissions as the flow that asks for them', () => {
    expect(consent.permissions?.(consent.config.parse(BOTH))).toEqual(['email', 'groups']);
  });

  it.each([
    { permissions: ['E-mail'] },
    { permissions: { email: 'Your address' } },
    { permissions: Array.from({ length: 33 }, (_, i) => `p${i}`) },
    { mode: 'once' },
  ])('refuses options %j', (options) => {
    expect(consent.config.safeParse(options).success).toBe(false);
  });
});
