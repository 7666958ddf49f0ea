/** Every one-request probe: see requests.suite.ts. */
import { behindNginx } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindNginx);
