import { describe, expect, it } from 'vitest';
import { anInput, aSession, NOON } from '../../../test/support/policy-input.ts';
import type { PolicyInput } from '../../core/policy/policy.ts';
import { device } from './policy.ts';

const DAY = 86_400_000;
const flow = { name: 'login', designation: 'authentication' };
const seen = (first: number, last: number) => ({
  device: { firstAt: NOON - first * DAY, lastAt: NOON - last * DAY },
});
const evaluate = (options: unknown, changes: Partial<PolicyInput>) =>
  device.compile(device.config.parse(options))(anInput({ flow, ...changes }));

describe('device', () => {
  it.each([
    [{}, seen(40, 3), 'device/known'],
    [{}, seen(0, 0), 'device/known'],
    [{}, { device: null }, 'device/unknown'],
    [{}, { device: 'nonsense' }, 'device/unknown'],
    [{}, { device: { firstAt: '1', lastAt: 2 } }, 'device/unknown'],
    [{ known_for: '1d' }, seen(1, 0), 'device/known'],
    [{ known_for: '1d' }, seen(0.99, 0), 'device/new'],
    [{ within: '7d' }, seen(40, 6.9), 'device/known'],
    [{ within: '7d' }, seen(40, 7), 'device/stale'],
    [{ within: '90d', known_for: '30d' }, seen(40, 40), 'device/known'],
  ] as const)('of %j for %j is %s', (options, signals, code) => {
    const verdict = evaluate(options, { signals });
    expect(verdict.reason.code).toBe(code);
    expect(verdict.pass).toBe(code === 'device/known');
  });

  it('fails for a token, so that `negate` cannot turn a missing browser into a pass', () => {
    const changes = { flow: null, session: null, credential: 'token', signals: {} } as const;
    expect(() => evaluate({}, changes)).toThrow('bound to no browser');
  });

  it.each([
    [1, 'device/new'],
    [1.01, 'device/known'],
  ])('on a route counts only sign-ins before the current one (%d days ago)', (first, code) => {
    const session = aSession({ createdAt: NOON - DAY });
    const changes = { flow: null, session, signals: seen(first, 0) };
    expect(evaluate({}, changes).reason.code).toBe(code);
  });

  it('fails without a user', () => {
    expect(() => evaluate({}, { user: null, signals: seen(1, 1) })).toThrow(
      'the user is not known',
    );
  });

  it.each([{ within: '91d' }, { known_for: '91d' }, { within: 'a week' }, { any: ['x'] }])(
    'refuses options %j',
    (options) => {
      expect(device.config.safeParse(options).success).toBe(false);
    },
  );
});
