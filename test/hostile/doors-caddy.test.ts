/** Upgrades, tunnels, streams and uploads: see doors.suite.ts. */
import { hostileDoors } from './doors.suite.ts';
import { behindCaddy } from './modes.ts';

hostileDoors(behindCaddy);
