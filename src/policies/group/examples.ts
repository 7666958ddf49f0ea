/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { aUser } from '../../../test/support/policy-input.ts';

const inGroups = (...groups: string[]) => ({ user: aUser({ groups }) });

export const examples: readonly PolicyExample[] = [
  { options: { any: ['staff'] }, inputs: [inGroups('staff'), inGroups('guests')] },
  { options: { none: ['interns'] }, inputs: [inGroups('staff'), inGroups('interns')] },
  { options: { all: ['a', 'b'] }, inputs: [inGroups('a', 'b'), inGroups('b')] },
];
