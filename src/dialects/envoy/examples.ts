/** The checks that Envoy sends: the original request, with our path before its target. */
import type { DialectExamples } from '../../../test/contracts/dialects.suite.ts';

export const examples: DialectExamples = {
  ask: ({ method, scheme, authority, target }, client) => ({
    method,
    rest: target,
    pairs: [
      ['Host', authority],
      ['X-Forwarded-Proto', scheme],
      ['X-Forwarded-For', client],
    ],
  }),
  required: ['host', 'x-forwarded-proto', 'x-forwarded-for'],
  malformed: [
    ['host', 'wiki.example.com, admin.example.com'],
    ['host', 'user@wiki.example.com'],
    ['host', 'wiki.example.com:abc'],
    ['host', '[::1]'],
    ['x-forwarded-proto', 'https, http'],
    ['x-forwarded-proto', 'javascript'],
    ['x-forwarded-proto', 'HTTPS'],
    ['x-forwarded-for', 'unknown'],
    ['x-forwarded-for', '192.0.2.7:'],
    ['x-forwarded-for', 'fe80::1%eth0'],
    ['x-forwarded-for', '192.0.2.7,'],
    ['x-envoy-original-path', '/a/b'],
    ['x-envoy-original-path', ''],
    ['x-envoy-original-host', 'wiki.example.com'],
  ],
  authorization: (allow, sent) =>
    allow['x-envoy-auth-headers-to-remove']?.split('|').includes('authorization') === true
      ? null
      : sent,
};
