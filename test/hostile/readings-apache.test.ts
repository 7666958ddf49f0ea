import { behindApache } from './modes.ts';
import { readingsOfPaths } from './readings.suite.ts';

readingsOfPaths(behindApache);
