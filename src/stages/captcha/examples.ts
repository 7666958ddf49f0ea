/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [
  {
    options: { kind: 'turnstile', site_key: 'public', secret: 'hush' },
    answer: { work: '{}', captcha: 'token' },
  },
];
