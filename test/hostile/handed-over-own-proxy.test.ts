/** Codes and tickets of other hosts, through the gateway itself: see handed-over.suite.ts. */
import { describe } from 'vitest';
import { handedOverSuite } from './handed-over.suite.ts';
import { ownProxy } from './modes.ts';

describe('with one cookie for each root domain', () => {
  handedOverSuite(ownProxy, '{ cookie_domains: [gw.test, other.test] }');
});

describe('with one cookie for each host', () => {
  handedOverSuite(ownProxy, '{ cookies: host }');
});
