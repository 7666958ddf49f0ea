import { behindTraefik } from './modes.ts';
import { patternHosts } from './pattern-hosts.suite.ts';
import { throughRecorded } from './recorded.ts';

throughRecorded(behindTraefik, { name: 'pattern-hosts', suite: patternHosts });
