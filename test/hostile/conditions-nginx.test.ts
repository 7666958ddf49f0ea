import { pathsUnderConditions } from './conditions.suite.ts';
import { behindNginx } from './modes.ts';

pathsUnderConditions(behindNginx);
