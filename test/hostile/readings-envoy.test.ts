/** Every reading of a path: see readings.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { readingsOfPaths } from './readings.suite.ts';

throughRecorded(behindEnvoy, { name: 'readings', suite: readingsOfPaths });
throughRecorded(behindEnvoyGrpc, { name: 'readings', suite: readingsOfPaths });
