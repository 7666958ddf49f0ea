/** The checks of a proxy that describes the original request in X-Forwarded-* fields. */
import type { DialectExamples } from './dialects.suite.ts';

export const forwardedChecks: Omit<DialectExamples, 'authorization'> = {
  ask: (original, client) => ({
    method: 'GET',
    rest: '',
    pairs: [
      ['X-Forwarded-Method', original.method],
      ['X-Forwarded-Proto', original.scheme],
      ['X-Forwarded-Host', original.authority],
      ['X-Forwarded-Uri', original.target],
      ['X-Forwarded-For', client],
    ],
  }),
  required: [
    'x-forwarded-method',
    'x-forwarded-proto',
    'x-forwarded-host',
    'x-forwarded-uri',
    'x-forwarded-for',
  ],
  malformed: [
    ['x-forwarded-method', 'GET, POST'],
    ['x-forwarded-method', 'GET POST'],
    ['x-forwarded-proto', 'https, http'],
    ['x-forwarded-proto', 'javascript'],
    ['x-forwarded-proto', 'HTTPS'],
    ['x-forwarded-host', 'wiki.example.com, admin.example.com'],
    ['x-forwarded-host', 'user@wiki.example.com'],
    ['x-forwarded-host', 'wiki.example.com:abc'],
    ['x-forwarded-host', '[::1]'],
    ['x-forwarded-uri', '%%%'],
    ['x-forwarded-uri', 'https://wiki.example.com/a'],
    ['x-forwarded-uri', '/a, /admin/x'],
    ['x-forwarded-for', 'unknown'],
    ['x-forwarded-for', '192.0.2.7:'],
    ['x-forwarded-for', 'fe80::1%eth0'],
    ['x-forwarded-for', '192.0.2.7,'],
  ],
};
