import { behindTraefik } from './modes.ts';
import { patternHosts } from './pattern-hosts.suite.ts';

patternHosts(behindTraefik);
