/** Upgrades, tunnels, streams and uploads: see upgrades.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { hostileUpgrades } from './upgrades.suite.ts';

hostileUpgrades(behindEnvoy);
hostileUpgrades(behindEnvoyGrpc);
