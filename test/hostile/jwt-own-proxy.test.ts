/** Tokens of other issuers: see jwt.suite.ts. */
import { jsonWebTokens } from './jwt.suite.ts';
import { ownProxy } from './modes.ts';

jsonWebTokens(ownProxy);
