/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';

export const examples: readonly PolicyExample[] = [
  { options: { pass: true }, inputs: [{}] },
  { options: { pass: false }, inputs: [{}] },
];
