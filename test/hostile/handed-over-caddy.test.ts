/** Codes and tickets of other hosts, behind Caddy: see handed-over.suite.ts. */
import { describe } from 'vitest';
import { handedOverSuite } from './handed-over.suite.ts';
import { behindCaddy, isAway } from './modes.ts';

describe.skipIf(isAway(behindCaddy))('behind Caddy', () => {
  handedOverSuite(behindCaddy, '{ cookies: host }');
});
