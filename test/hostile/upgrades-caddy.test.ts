/** Upgrades, tunnels, streams and uploads: see upgrades.suite.ts. */
import { hostileUpgrades } from './upgrades.suite.ts';
import { behindCaddy } from './modes.ts';

hostileUpgrades(behindCaddy);
