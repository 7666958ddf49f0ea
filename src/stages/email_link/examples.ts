/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: { expires: '5m', other_browser: true },
    answer: { link: 'A'.repeat(22), code: '123456', instead: 'again' },
  },
];
