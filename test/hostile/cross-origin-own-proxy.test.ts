import { crossOriginRequests } from './cross-origin.suite.ts';
import { ownProxy } from './modes.ts';

crossOriginRequests(ownProxy);
