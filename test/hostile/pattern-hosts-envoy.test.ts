import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { patternHosts } from './pattern-hosts.suite.ts';
import { throughRecorded } from './recorded.ts';

throughRecorded(behindEnvoy, { name: 'pattern-hosts', suite: patternHosts });
throughRecorded(behindEnvoyGrpc, { name: 'pattern-hosts', suite: patternHosts });
