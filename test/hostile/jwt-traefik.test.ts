/** Tokens of other issuers: see jwt.suite.ts. */
import { jsonWebTokens } from './jwt.suite.ts';
import { behindTraefik } from './modes.ts';

jsonWebTokens(behindTraefik);
