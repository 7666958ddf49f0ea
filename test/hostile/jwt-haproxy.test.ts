/** Tokens of other issuers: see jwt.suite.ts. */
import { jsonWebTokens } from './jwt.suite.ts';
import { behindHaproxy } from './modes.ts';

jsonWebTokens(behindHaproxy);
