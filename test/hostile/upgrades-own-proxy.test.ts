/** Upgrades, tunnels, streams and uploads: see upgrades.suite.ts. */
import { hostileUpgrades } from './upgrades.suite.ts';
import { ownProxy } from './modes.ts';

hostileUpgrades(ownProxy);
