/** Codes and tickets of other hosts, behind nginx: see handed-over.suite.ts. */
import { describe } from 'vitest';
import { handedOverSuite } from './handed-over.suite.ts';
import { behindNginx, isAway } from './modes.ts';

describe.skipIf(isAway(behindNginx))('behind nginx', () => {
  handedOverSuite(behindNginx, '{ cookie_domains: [gw.test, other.test] }');
});
