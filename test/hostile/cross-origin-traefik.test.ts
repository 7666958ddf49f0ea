import { throughRecorded } from './recorded.ts';
import { crossOriginRequests } from './cross-origin.suite.ts';
import { behindTraefik } from './modes.ts';

throughRecorded(behindTraefik, { name: 'cross-origin', suite: crossOriginRequests });
