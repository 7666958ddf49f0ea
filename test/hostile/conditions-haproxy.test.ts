import { behindHaproxy } from './modes.ts';
import { pathsUnderConditions } from './conditions.suite.ts';

pathsUnderConditions(behindHaproxy);
