/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { aUser } from '../../../test/support/policy-input.ts';

export const examples: readonly PolicyExample[] = [
  { options: { any: ['ann'] }, inputs: [{}, { user: aUser({ name: 'bob' }) }] },
  { options: { none: ['ann'] }, inputs: [{}, { user: aUser({ name: 'bob' }) }] },
];
