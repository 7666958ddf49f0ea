/** Tokens of other issuers: see jwt.suite.ts. */
import { jsonWebTokens } from './jwt.suite.ts';
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';

jsonWebTokens(behindEnvoy);
jsonWebTokens(behindEnvoyGrpc);
