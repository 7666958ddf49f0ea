import { behindHaproxy } from './modes.ts';
import { readingsOfPaths } from './readings.suite.ts';

readingsOfPaths(behindHaproxy);
