import { throughRecorded } from './recorded.ts';
import { crossOriginRequests } from './cross-origin.suite.ts';
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';

throughRecorded(behindEnvoy, { name: 'cross-origin', suite: crossOriginRequests });
throughRecorded(behindEnvoyGrpc, { name: 'cross-origin', suite: crossOriginRequests });
