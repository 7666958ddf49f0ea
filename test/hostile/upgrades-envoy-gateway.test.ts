import { hostileUpgrades } from './upgrades.suite.ts';
import { behindEnvoyGateway } from './modes.ts';

hostileUpgrades(behindEnvoyGateway);
