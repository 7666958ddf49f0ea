/** Upgrades, tunnels, streams and uploads: see upgrades.suite.ts. */
import { behindHaproxy } from './modes.ts';
import { hostileUpgrades } from './upgrades.suite.ts';

hostileUpgrades(behindHaproxy);
