/** Header fields of clients: see fields.suite.ts. */
import { hostileFields } from './fields.suite.ts';
import { behindNginx } from './modes.ts';

hostileFields(behindNginx);
