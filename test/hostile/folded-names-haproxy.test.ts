/** Header names that CGI folds, through HAProxy: see folded-names.suite.ts. */
import { behindHaproxy } from './modes.ts';
import { foldedNames } from './folded-names.suite.ts';

foldedNames(behindHaproxy);
