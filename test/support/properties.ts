/** Loaded before the tests: how often each property is tried. No test says so on its own. */
import fc from 'fast-check';
import { isLong } from './long.ts';

fc.configureGlobal({ numRuns: isLong ? 10_000 : 500 });
