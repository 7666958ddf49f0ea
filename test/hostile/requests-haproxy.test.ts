/** Every one-request probe: see requests.suite.ts. */
import { behindHaproxy } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindHaproxy);
