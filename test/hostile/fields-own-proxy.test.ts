/** Header fields of clients: see fields.suite.ts. */
import { hostileFields } from './fields.suite.ts';
import { ownProxy } from './modes.ts';

hostileFields(ownProxy);
