import { behindTraefik } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { readingsOfPaths } from './readings.suite.ts';

throughRecorded(behindTraefik, { name: 'readings', suite: readingsOfPaths });
