/** Codes and tickets of other hosts, behind Traefik: see handed-over.suite.ts. */
import { describe } from 'vitest';
import { handedOverSuite } from './handed-over.suite.ts';
import { behindTraefik, isAway } from './modes.ts';

describe.skipIf(isAway(behindTraefik))('behind Traefik, never replayed', () => {
  handedOverSuite(behindTraefik, '{ cookies: host }');
});
