/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: {
      attachment: 'any',
      resident_key: 'required',
      user_verification: 'preferred',
      name: 'House',
    },
    answer: { passkey: '{}', nickname: 'Key' },
  },
];
