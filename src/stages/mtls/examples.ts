/** Options and a submission for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';
import { authority } from '../../../test/support/certificate.ts';

export const examples: readonly StageExample[] = [
  {
    options: {
      header: 'Ssl-Client-Cert',
      ca: authority().pem,
      attribute: 'san.email',
      equals: 'email',
      not_given: 'deny',
    },
    answer: {},
  },
];
