/** Upgrades, tunnels, streams and uploads: see doors.suite.ts. */
import { hostileDoors } from './doors.suite.ts';
import { ownProxy } from './modes.ts';

hostileDoors(ownProxy);
