/** Every one-request probe: see requests.suite.ts. */
import { behindCaddy } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindCaddy);
