/** Upgrades, tunnels, streams and uploads: see doors.suite.ts. */
import { hostileDoors } from './doors.suite.ts';
import { behindTraefik } from './modes.ts';

hostileDoors(behindTraefik);
