/** Tokens of programs: see tokens.suite.ts. */
import { behindCaddy } from './modes.ts';
import { tokens } from './tokens.suite.ts';

tokens(behindCaddy);
