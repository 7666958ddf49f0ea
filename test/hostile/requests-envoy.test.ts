/** Every one-request probe: see requests.suite.ts. */
import { behindEnvoy } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindEnvoy);
