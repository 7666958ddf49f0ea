import { hostileRequests } from './requests.suite.ts';
import { behindEnvoyGateway } from './modes.ts';

hostileRequests(behindEnvoyGateway);
