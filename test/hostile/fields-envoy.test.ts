/** Header fields of clients: see fields.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { hostileFields } from './fields.suite.ts';
import { throughRecorded } from './recorded.ts';

throughRecorded(behindEnvoy, { name: 'fields', suite: hostileFields });
throughRecorded(behindEnvoyGrpc, { name: 'fields', suite: hostileFields });
