/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { someFacts } from '../../../test/support/policy-input.ts';

const from = (clientIp: string) => ({ facts: someFacts({ clientIp }) });

export const examples: readonly PolicyExample[] = [
  {
    options: { any: ['private', '192.0.2.0/24'] },
    inputs: [from('10.0.0.1'), from('192.0.2.1'), from('203.0.113.1'), from('nonsense')],
  },
];
