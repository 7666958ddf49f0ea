import { behindNginx } from './modes.ts';
import { readingsOfPaths } from './readings.suite.ts';

readingsOfPaths(behindNginx);
