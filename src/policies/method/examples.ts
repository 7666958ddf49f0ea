/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { aSession, NOON } from '../../../test/support/policy-input.ts';

const proved = (...methods: string[]) => ({
  session: aSession({ proofs: methods.map((method) => ({ method, at: NOON - 7_200_000 })) }),
});

const BY_TOKEN = { session: null, credential: 'token', tokensSuffice: true } as const;

export const examples: readonly PolicyExample[] = [
  { options: { any: ['totp'] }, inputs: [proved('totp'), proved('password'), BY_TOKEN] },
  { options: { any: ['totp'], within: '1h' }, inputs: [proved('totp')] },
  { options: { count: 2 }, inputs: [proved('totp', 'password'), proved('password')] },
];
