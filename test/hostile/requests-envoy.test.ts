/** Every one-request probe: see requests.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { hostileRequests } from './requests.suite.ts';

throughRecorded(behindEnvoy, { name: 'requests', suite: hostileRequests });
throughRecorded(behindEnvoyGrpc, { name: 'requests', suite: hostileRequests });
