/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { someFacts } from '../../../test/support/policy-input.ts';

export const examples: readonly PolicyExample[] = [
  {
    options: { methods: ['GET'], path: '/api/**', headers: { 'x-kind': ['a'] } },
    inputs: [
      { facts: someFacts({ target: '/api/x', headers: { 'x-kind': 'a' } }) },
      { facts: someFacts({ target: '/api/x' }) },
      { facts: someFacts({ target: '/API/x' }) },
      { facts: someFacts({ target: '/web' }) },
      { facts: someFacts({ method: 'POST' }) },
    ],
  },
];
