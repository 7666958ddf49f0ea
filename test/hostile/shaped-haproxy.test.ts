/** Changed messages, and several apps under one host: see shaped.suite.ts. */
import { behindHaproxy } from './modes.ts';
import { shaped } from './shaped.suite.ts';

shaped(behindHaproxy);
