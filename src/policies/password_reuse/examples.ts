/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import type { Json } from '../../core/values/json.ts';

const typed = (password: Json, signals: Readonly<Record<string, Json>> = {}) => ({
  prompt: { password },
  signals,
});

export const examples: readonly PolicyExample[] = [
  {
    options: { last: 5 },
    inputs: [
      typed('tractor', { 'reused:5:password': false }),
      typed('tractor', { 'reused:5:password': true }),
      typed(null, { 'reused:5:password': null }),
      typed('tractor'),
    ],
  },
];
