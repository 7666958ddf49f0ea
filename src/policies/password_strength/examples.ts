/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import type { Json } from '../../core/values/json.ts';

const typed = (password: Json, signals: Readonly<Record<string, Json>> = {}) => ({
  prompt: { password },
  signals,
});

export const examples: readonly PolicyExample[] = [
  {
    options: { min: 12, classes: 2, score: 3, breached: true },
    inputs: [
      typed('tractor sheds', {
        'strength:password': 3,
        'common:password': false,
        'breached:password': 0,
      }),
      typed('tractor sheds', {
        'strength:password': 2,
        'common:password': false,
        'breached:password': 0,
      }),
      typed('tractor sheds', {
        'strength:password': 3,
        'common:password': false,
        'breached:password': 7,
      }),
      typed('tractorsheds', {
        'strength:password': 3,
        'common:password': false,
        'breached:password': 0,
      }),
      typed('tractor', {
        'strength:password': 3,
        'common:password': false,
        'breached:password': 0,
      }),
      typed('€'.repeat(342), {
        'strength:password': 3,
        'common:password': false,
        'breached:password': 0,
      }),
      typed('Ann Example 26', {
        'strength:password': 3,
        'common:password': false,
        'breached:password': 0,
      }),
      typed(null, {
        'strength:password': null,
        'common:password': null,
        'breached:password': null,
      }),
      typed('tractor sheds', { 'strength:password': 3, 'common:password': false }),
      typed('tractor sheds', {
        'strength:password': 3,
        'common:password': true,
        'breached:password': 0,
      }),
    ],
  },
  {
    options: { min: 'auto', common: false },
    inputs: [typed('tractors in sheds'), typed(42), {}],
  },
];
