/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { aUser, someFacts } from '../../../test/support/policy-input.ts';

const from = (clientIp: string) => ({ facts: someFacts({ clientIp }) });
const inGroups = (...groups: string[]) => ({ user: aUser({ groups }) });

export const examples: readonly PolicyExample[] = [
  {
    options: { when: "'staff' in user.groups && client.ip != '' && session.age < 3600" },
    inputs: [inGroups('staff'), inGroups('guests'), from('nonsense'), { user: null }],
  },
];
