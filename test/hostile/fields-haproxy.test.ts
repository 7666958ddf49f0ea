/** Header fields of clients: see fields.suite.ts. */
import { behindHaproxy } from './modes.ts';
import { hostileFields } from './fields.suite.ts';

hostileFields(behindHaproxy);
