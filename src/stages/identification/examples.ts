/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: {
      by: ['username', 'email'],
      with_password: true,
      passkey: true,
      remember_username: true,
      show_apps: false,
    },
    answer: { login: 'ann', password: 'right', passkey: '' },
  },
];
