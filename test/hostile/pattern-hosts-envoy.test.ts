import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { patternHosts } from './pattern-hosts.suite.ts';

patternHosts(behindEnvoy);
patternHosts(behindEnvoyGrpc);
