/** Every one-request probe: see requests.suite.ts. */
import { behindIngressNginx } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindIngressNginx);
