/** The checks that the proxy sends, for the contract that all dialects keep. */
import { forwardedChecks } from '../../../test/contracts/forwarded-checks.ts';

export const examples = forwardedChecks;
