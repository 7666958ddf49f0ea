/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { NOON } from '../../../test/support/policy-input.ts';

const DAY = 86_400_000;
const allowed = (permissions: readonly string[], expiresAt: number | null) => ({
  signals: { consent: { permissions, expiresAt } },
});

export const examples: readonly PolicyExample[] = [
  {
    options: { permissions: ['email', 'groups'] },
    inputs: [
      allowed(['email', 'groups'], null),
      allowed(['email'], null),
      allowed(['email', 'groups'], NOON - DAY),
      { signals: { consent: null } },
      {},
    ],
  },
  {
    options: {},
    inputs: [
      allowed([], null),
      { signals: { consent: null } },
      { ...allowed([], null), route: null },
    ],
  },
];
