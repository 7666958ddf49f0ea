/** Header names that CGI folds: see folded-names.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { foldedNames } from './folded-names.suite.ts';

foldedNames(behindEnvoy);
foldedNames(behindEnvoyGrpc);
