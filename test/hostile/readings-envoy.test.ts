/** Every reading of a path: see readings.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { readingsOfPaths } from './readings.suite.ts';

readingsOfPaths(behindEnvoy);
readingsOfPaths(behindEnvoyGrpc);
