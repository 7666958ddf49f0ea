/** Every one-request probe: see requests.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindEnvoy);
hostileRequests(behindEnvoyGrpc);
