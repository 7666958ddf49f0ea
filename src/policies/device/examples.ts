/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { NOON } from '../../../test/support/policy-input.ts';

const DAY = 86_400_000;
const seen = (first: number, last: number) => ({
  signals: { device: { firstAt: NOON - first * DAY, lastAt: NOON - last * DAY } },
});

export const examples: readonly PolicyExample[] = [
  {
    options: { known_for: '1d', within: '7d' },
    inputs: [seen(40, 3), seen(0.5, 0), seen(40, 8), { signals: { device: null } }, {}],
  },
  { options: {}, inputs: [{ ...seen(40, 3), user: null }] },
];
