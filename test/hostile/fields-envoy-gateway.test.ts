import { hostileFields } from './fields.suite.ts';
import { behindEnvoyGateway } from './modes.ts';

hostileFields(behindEnvoyGateway);
