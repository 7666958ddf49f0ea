import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { signOutPaths } from './sign-out-paths.suite.ts';

throughRecorded(behindEnvoy, { name: 'sign-out-paths', suite: signOutPaths });
throughRecorded(behindEnvoyGrpc, { name: 'sign-out-paths', suite: signOutPaths });
