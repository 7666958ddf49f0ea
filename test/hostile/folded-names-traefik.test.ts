/** Header names that CGI folds, through Traefik: see folded-names.suite.ts. */
import { foldedNames } from './folded-names.suite.ts';
import { behindTraefik } from './modes.ts';
import { throughRecorded } from './recorded.ts';

throughRecorded(behindTraefik, { name: 'folded-names', suite: foldedNames });
