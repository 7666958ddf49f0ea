/** Header names that CGI folds: see folded-names.suite.ts. */
import { foldedNames } from './folded-names.suite.ts';
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { throughRecorded } from './recorded.ts';

throughRecorded(behindEnvoy, { name: 'folded-names', suite: foldedNames });
throughRecorded(behindEnvoyGrpc, { name: 'folded-names', suite: foldedNames });
