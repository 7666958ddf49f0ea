import { hostileRequests } from './requests.suite.ts';
import { behindNpm } from './modes.ts';

hostileRequests(behindNpm);
