/** Every one-request probe: see requests.suite.ts. */
import { ownProxy } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(ownProxy);
