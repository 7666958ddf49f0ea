/** Header names that CGI folds, through nginx: see folded-names.suite.ts. */
import { foldedNames } from './folded-names.suite.ts';
import { behindNginx } from './modes.ts';

foldedNames(behindNginx);
