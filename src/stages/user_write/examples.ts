/** Options for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: { create: 'always', fields: { name: 'login' }, groups: ['staff'], inactive: true },
  },
];
