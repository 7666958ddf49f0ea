/** Tokens of programs: see tokens.suite.ts. */
import { behindTraefik } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { tokens } from './tokens.suite.ts';

throughRecorded(behindTraefik, { name: 'tokens', suite: tokens });
