import { crossOriginRequests } from './cross-origin.suite.ts';
import { behindNginx } from './modes.ts';

crossOriginRequests(behindNginx);
