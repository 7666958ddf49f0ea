/** Header names that CGI folds, through Caddy: see folded-names.suite.ts. */
import { foldedNames } from './folded-names.suite.ts';
import { behindCaddy } from './modes.ts';

foldedNames(behindCaddy);
