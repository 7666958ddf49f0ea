/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { NOON } from '../../../test/support/policy-input.ts';

const DAY = 86_400_000;

// NOON is on Monday, 2026-11-23.
export const examples: readonly PolicyExample[] = [
  {
    options: { days: ['mon'], from: '08:00', until: '18:00', last_day: '2026-11-30' },
    inputs: [{}, { now: NOON + DAY / 4 }, { now: NOON + DAY }, { now: NOON + 14 * DAY }],
  },
];
