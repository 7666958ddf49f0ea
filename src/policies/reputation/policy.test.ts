import { describe, expect, it } from 'vitest';
import { anInput } from '../../../test/support/policy-input.ts';
import type { Json } from '../../core/values/json.ts';
import { reputation } from './policy.ts';

const evaluate = (options: unknown, signal: Json) =>
  reputation.compile(reputation.config.parse(options))(
    anInput({ signals: { reputation: signal } }),
  );

describe('reputation', () => {
  it.each([
    [{ above: -5 }, 0, 0, 'reputation/good'],
    [{ above: -5 }, -4, -4, 'reputation/good'],
    [{ above: -5 }, -5, 0, 'reputation/address'],
    [{ above: -5 }, 0, -5, 'reputation/account'],
    [{ above: -5 }, -100, -100, 'reputation/address'],
    [{ above: -5, of: 'address' }, -4, -100, 'reputation/good'],
    [{ above: -5, of: 'account' }, -100, -4, 'reputation/good'],
    [{ above: -5, of: 'account' }, 0, -5, 'reputation/account'],
    [{ above: 0 }, 1, 1, 'reputation/good'],
    [{ above: 0 }, 0, 1, 'reputation/address'],
    [{ above: -5 }, -4, null, 'reputation/good'],
    [{ above: -5 }, -5, null, 'reputation/address'],
    [{ above: -5, of: 'account' }, null, 0, 'reputation/good'],
  ] as const)(
    '%j with %j for the address, %j for the account: %s',
    (options, address, account, code) => {
      const verdict = evaluate(options, { address, account });
      expect(verdict.reason.code).toBe(code);
      expect(verdict.pass).toBe(code === 'reputation/good');
    },
  );

  it('gives the scores', () => {
    expect(evaluate({ above: -5 }, { address: 0, account: -7 }).reason.detail).toBe(
      'the account has -7; needs more than -5',
    );
  });

  it.each([
    [{ above: -5 }, { address: null, account: 0 }, 'address of the client cannot be read'],
    [{ above: -5, of: 'account' }, { address: 0, account: null }, 'no user is named yet'],
    [{ above: -5 }, 'nonsense', 'address of the client cannot be read'],
    [{ above: -5 }, null, 'address of the client cannot be read'],
    [{ above: -5 }, { address: '5', account: 5 }, 'address of the client cannot be read'],
  ])('cannot be evaluated with %j for %j', (options, signal, words) => {
    expect(() => evaluate(options, signal)).toThrow(words);
  });

  it.each([{}, { above: -101 }, { above: 5 }, { above: -1.5 }, { above: -1, of: 'user' }])(
    'refuses options %j',
    (options) => {
      expect(reputation.config.safeParse(options).success).toBe(false);
    },
  );
});
