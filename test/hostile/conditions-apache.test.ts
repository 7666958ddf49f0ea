import { behindApache } from './modes.ts';
import { pathsUnderConditions } from './conditions.suite.ts';

pathsUnderConditions(behindApache);
