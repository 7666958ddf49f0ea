import { hostileFields } from './fields.suite.ts';
import { behindNpm } from './modes.ts';

hostileFields(behindNpm);
