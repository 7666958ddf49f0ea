import { pathsUnderConditions } from './conditions.suite.ts';
import { ownProxy } from './modes.ts';

pathsUnderConditions(ownProxy);
