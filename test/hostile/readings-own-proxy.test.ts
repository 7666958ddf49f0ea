import { ownProxy } from './modes.ts';
import { readingsOfPaths } from './readings.suite.ts';

readingsOfPaths(ownProxy);
