/** Every one-request probe: see requests.suite.ts. */
import { behindTraefik } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { hostileRequests } from './requests.suite.ts';

throughRecorded(behindTraefik, { name: 'requests', suite: hostileRequests });
