/** Changed messages, and several apps under one host: see shaped.suite.ts. */
import { behindCaddy } from './modes.ts';
import { shaped } from './shaped.suite.ts';

shaped(behindCaddy);
