/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: { mode: 'expires', expires: '30d', permissions: { email: 'Your address' } },
    answer: { decision: 'allow' },
  },
];
