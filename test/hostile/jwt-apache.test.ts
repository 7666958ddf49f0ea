/** Tokens of other issuers: see jwt.suite.ts. */
import { jsonWebTokens } from './jwt.suite.ts';
import { behindApache } from './modes.ts';

jsonWebTokens(behindApache);
