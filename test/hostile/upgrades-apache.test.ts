import { behindApache } from './modes.ts';
import { hostileUpgrades } from './upgrades.suite.ts';

hostileUpgrades(behindApache);
