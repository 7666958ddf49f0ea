/** Codes and tickets of other hosts, behind Envoy: see handed-over.suite.ts. */
import { describe } from 'vitest';
import { handedOverSuite } from './handed-over.suite.ts';
import { behindEnvoy, behindEnvoyGrpc, isAway } from './modes.ts';

describe.skipIf(isAway(behindEnvoy))('behind Envoy, never replayed', () => {
  handedOverSuite(behindEnvoy, '{ cookies: host }');
});
describe.skipIf(isAway(behindEnvoyGrpc))('behind Envoy over gRPC, never replayed', () => {
  handedOverSuite(behindEnvoyGrpc, '{ cookie_domains: [gw.test, other.test] }');
});
