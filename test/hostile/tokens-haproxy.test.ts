/** Tokens of programs: see tokens.suite.ts. */
import { behindHaproxy } from './modes.ts';
import { tokens } from './tokens.suite.ts';

tokens(behindHaproxy);
