import { behindTraefik } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { signOutPaths } from './sign-out-paths.suite.ts';

throughRecorded(behindTraefik, { name: 'sign-out-paths', suite: signOutPaths });
