import { describe, expect, it } from 'vitest';
import { anInput, aSession, NOON } from '../../../test/support/policy-input.ts';
import { method } from './policy.ts';

const minutesAgo = (minutes: number) => NOON - minutes * 60_000;
const proofs = {
  none: [],
  password: [{ method: 'password', at: minutesAgo(30) }],
  both: [
    { method: 'password', at: minutesAgo(120) },
    { method: 'totp', at: minutesAgo(10) },
  ],
};

const evaluate = (options: unknown, proved: keyof typeof proofs) =>
  method.compile(method.config.parse(options))(
    anInput({ session: aSession({ proofs: proofs[proved] }) }),
  );

describe('method', () => {
  it.each([
    [{ any: ['totp', 'webauthn'] }, 'both', 'method/proved'],
    [{ any: ['totp', 'webauthn'] }, 'password', 'method/missing'],
    [{ any: ['totp'], within: '1h' }, 'both', 'method/proved'],
    [{ any: ['totp'], within: '10m' }, 'both', 'method/too-old'],
    [{ any: ['totp'], within: '601s' }, 'both', 'method/proved'],
    [{ any: ['password'], within: '1h' }, 'both', 'method/too-old'],
    [{ count: 2 }, 'both', 'method/proved'],
    [{ count: 2 }, 'password', 'method/too-few'],
    [{ count: 2, within: '1h' }, 'both', 'method/too-old'],
    [{ any: ['password', 'totp'], count: 2 }, 'both', 'method/proved'],
    [{ any: ['password', 'webauthn'], count: 2 }, 'both', 'method/too-few'],
    [{ within: '1h' }, 'password', 'method/proved'],
    [{ any: ['password'] }, 'none', 'method/missing'],
  ] as const)('evaluates %j of a session proved by %s as %s', (options, proved, code) => {
    const verdict = evaluate(options, proved);
    expect(verdict.reason.code).toBe(code);
    expect(verdict.pass).toBe(code === 'method/proved');
  });

  it('cannot be evaluated without a session', () => {
    const compiled = method.compile(method.config.parse({ any: ['totp'] }));
    expect(() => compiled(anInput({ session: null }))).toThrow('no session');
  });

  it.each([
    {},
    { any: [] },
    { any: ['totp'], count: 2 },
    { any: ['totp'], within: '1 hour' },
    { any: ['totp'], within: '99999d' },
    { count: 0 },
  ])('refuses options %j', (options) => {
    expect(method.config.safeParse(options).success).toBe(false);
  });
});
