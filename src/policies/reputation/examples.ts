/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';

const points = (address: number | null, account: number | null) => ({
  signals: { reputation: { address, account } },
});

export const examples: readonly PolicyExample[] = [
  {
    options: { above: -5 },
    inputs: [points(0, 0), points(-5, 0), points(0, -5), points(0, null), points(null, 0), {}],
  },
  { options: { above: -5, of: 'account' }, inputs: [points(-5, 0), points(0, null)] },
];
