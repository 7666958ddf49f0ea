import { crossOriginRequests } from './cross-origin.suite.ts';
import { behindCaddy } from './modes.ts';

crossOriginRequests(behindCaddy);
