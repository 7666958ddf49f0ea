/** Tokens of other issuers: see jwt.suite.ts. */
import { jsonWebTokens } from './jwt.suite.ts';
import { behindCaddy } from './modes.ts';

jsonWebTokens(behindCaddy);
