/** Loaded before the tests: how often each property is tried. No test sets this itself. */
import * as fc from 'fast-check';
import { isLong } from './long.ts';

fc.configureGlobal({ numRuns: isLong ? 10_000 : 500 });

/** For the property that a bypass of the rules would break: rare paths need more runs. */
export const MANY_RUNS: Pick<fc.Parameters, 'numRuns'> = isLong ? { numRuns: 100_000 } : {};
