import { behindApache } from './modes.ts';
import { hostileRequests } from './requests.suite.ts';

hostileRequests(behindApache);
