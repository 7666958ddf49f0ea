import { crossOriginRequests } from './cross-origin.suite.ts';
import { behindEnvoy } from './modes.ts';

crossOriginRequests(behindEnvoy);
