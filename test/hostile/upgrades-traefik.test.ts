/** Upgrades, tunnels, streams and uploads: see upgrades.suite.ts. */
import { hostileUpgrades } from './upgrades.suite.ts';
import { behindTraefik } from './modes.ts';

hostileUpgrades(behindTraefik);
