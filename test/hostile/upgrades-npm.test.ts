import { hostileUpgrades } from './upgrades.suite.ts';
import { behindNpm } from './modes.ts';

hostileUpgrades(behindNpm);
