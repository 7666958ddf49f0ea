/** Header fields of clients: see fields.suite.ts. */
import { hostileFields } from './fields.suite.ts';
import { behindCaddy } from './modes.ts';

hostileFields(behindCaddy);
