import { crossOriginRequests } from './cross-origin.suite.ts';
import { behindTraefik } from './modes.ts';

crossOriginRequests(behindTraefik);
