/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  { options: { longest: '90d', most: 5 }, answer: { do: 'done', revoke: 'AbCdEfG' } },
];
