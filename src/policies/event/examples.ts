/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';

export const examples: readonly PolicyExample[] = [
  { options: { any: ['invitation'] }, inputs: [{ event: 'invitation' }, { event: 'visit' }, {}] },
];
