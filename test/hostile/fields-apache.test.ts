import { behindApache } from './modes.ts';
import { hostileFields } from './fields.suite.ts';

hostileFields(behindApache);
