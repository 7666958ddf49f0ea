/** Tokens of programs: see tokens.suite.ts. */
import { ownProxy } from './modes.ts';
import { tokens } from './tokens.suite.ts';

tokens(ownProxy);
