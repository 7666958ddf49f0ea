/** Header fields of clients: see fields.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { hostileFields } from './fields.suite.ts';

hostileFields(behindEnvoy);
hostileFields(behindEnvoyGrpc);
