import { behindTraefik } from './modes.ts';
import { readingsOfPaths } from './readings.suite.ts';

readingsOfPaths(behindTraefik);
