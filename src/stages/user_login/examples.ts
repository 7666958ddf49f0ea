/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: {
      lasts: '12h',
      remember_me: '30d',
      end_other_sessions: true,
      bind: ['network', 'geo'],
    },
    answer: { remember: 'yes' },
  },
];
