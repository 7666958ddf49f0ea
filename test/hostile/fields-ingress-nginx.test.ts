/** Header fields of clients: see fields.suite.ts. */
import { hostileFields } from './fields.suite.ts';
import { behindIngressNginx } from './modes.ts';

hostileFields(behindIngressNginx);
