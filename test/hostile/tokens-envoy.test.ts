/** Tokens of programs: see tokens.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { throughRecorded } from './recorded.ts';
import { tokens } from './tokens.suite.ts';

throughRecorded(behindEnvoy, { name: 'tokens', suite: tokens });
throughRecorded(behindEnvoyGrpc, { name: 'tokens', suite: tokens });
