/** Loaded before the tests: how often each property is tried. No test says so on its own. */
import { configureGlobal } from 'fast-check';
import { isLong } from './long.ts';

configureGlobal({ numRuns: isLong ? 10_000 : 500 });
