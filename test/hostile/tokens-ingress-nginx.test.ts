/** Tokens of programs: see tokens.suite.ts. */
import { behindIngressNginx } from './modes.ts';
import { tokens } from './tokens.suite.ts';

tokens(behindIngressNginx);
