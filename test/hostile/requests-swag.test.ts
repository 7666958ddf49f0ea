import { hostileRequests } from './requests.suite.ts';
import { behindSwag } from './modes.ts';

hostileRequests(behindSwag);
