/** Tokens of programs: see tokens.suite.ts. */
import { behindNginx } from './modes.ts';
import { tokens } from './tokens.suite.ts';

tokens(behindNginx);
