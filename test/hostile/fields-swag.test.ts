import { hostileFields } from './fields.suite.ts';
import { behindSwag } from './modes.ts';

hostileFields(behindSwag);
