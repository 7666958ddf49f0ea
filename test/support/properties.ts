/** Loaded before the tests: how often each property is tried. No test sets this itself. */
import { configureGlobal } from 'fast-check';
import { isLong } from './long.ts';

configureGlobal({ numRuns: isLong ? 10_000 : 500 });
