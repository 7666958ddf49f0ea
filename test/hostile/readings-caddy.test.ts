import { behindCaddy } from './modes.ts';
import { readingsOfPaths } from './readings.suite.ts';

readingsOfPaths(behindCaddy);
