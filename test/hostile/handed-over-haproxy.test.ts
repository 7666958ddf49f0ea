/** Codes and tickets of other hosts, behind HAProxy: see handed-over.suite.ts. */
import { describe } from 'vitest';
import { handedOverSuite } from './handed-over.suite.ts';
import { behindHaproxy, isAway } from './modes.ts';

describe.skipIf(isAway(behindHaproxy))('behind HAProxy', () => {
  handedOverSuite(behindHaproxy, '{ cookies: host }');
});
