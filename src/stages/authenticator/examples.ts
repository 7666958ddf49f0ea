/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: {
      methods: ['totp', 'webauthn', 'recovery_code', 'email_code'],
      not_configured: 'configure',
      configure: 'totp',
      last_used_within: '30d',
      user_verification: 'preferred',
    },
    answer: { code: '123456', passkey: '', way: '' },
  },
];
