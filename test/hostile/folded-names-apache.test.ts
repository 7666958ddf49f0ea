import { behindApache } from './modes.ts';
import { foldedNames } from './folded-names.suite.ts';

foldedNames(behindApache);
