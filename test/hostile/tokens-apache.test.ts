/** Tokens of programs: see tokens.suite.ts. */
import { behindApache } from './modes.ts';
import { tokens } from './tokens.suite.ts';

tokens(behindApache);
