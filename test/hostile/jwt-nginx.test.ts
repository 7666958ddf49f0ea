/** Tokens of other issuers: see jwt.suite.ts. */
import { jsonWebTokens } from './jwt.suite.ts';
import { behindNginx } from './modes.ts';

jsonWebTokens(behindNginx);
