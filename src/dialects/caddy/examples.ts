/** The checks that the proxy sends, for the contract that all dialects keep. */
import type { DialectExamples } from '../../../test/contracts/dialects.suite.ts';
import { forwardedChecks } from '../../../test/contracts/forwarded-checks.ts';

export const examples: DialectExamples = {
  ...forwardedChecks,
  authorization: (allow, sent) => (allow['x-doorward-authorization'] === 'removed' ? null : sent),
};
