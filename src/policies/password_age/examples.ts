/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { aUser, NOON } from '../../../test/support/policy-input.ts';

const DAY = 86_400_000;
const setAgo = (days: number) => ({ user: aUser({ passwordSetAt: NOON - days * DAY }) });

export const examples: readonly PolicyExample[] = [
  { options: { newer_than: '90d' }, inputs: [setAgo(89), setAgo(90), setAgo(-2), {}] },
];
