import { crossOriginRequests } from './cross-origin.suite.ts';
import { behindHaproxy } from './modes.ts';

crossOriginRequests(behindHaproxy);
