import { behindTraefik } from './modes.ts';
import { signOutPaths } from './sign-out-paths.suite.ts';

signOutPaths(behindTraefik);
