/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: {
      title: 'About you',
      text: 'Tell us.',
      submit: 'Go',
      fields: [
        { type: 'text', name: 'team', label: 'Team' },
        { type: 'email', name: 'email' },
        { type: 'password', name: 'password' },
        { type: 'hidden', name: 'role', value: 'guest' },
      ],
    },
    answer: { team: 'Blue', email: 'ann@example.com', password: 'short', role: 'x' },
  },
];
