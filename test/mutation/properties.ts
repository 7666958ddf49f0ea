/** How properties are tested against mutants. */
import { configureGlobal, readConfigureGlobal } from 'fast-check';

// The same seed gives the same score. One failure is enough, so the smallest one is not searched for.
configureGlobal({ ...readConfigureGlobal(), seed: 1, endOnFailure: true });
