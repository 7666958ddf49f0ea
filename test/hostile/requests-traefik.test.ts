/** Every one-request probe: see requests.suite.ts. */
import { behindTraefik } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindTraefik);
