/** The checks that the proxy sends, for the contract that all dialects keep. */
import type { DialectExamples } from '../../../test/contracts/dialects.suite.ts';

export const examples: DialectExamples = {
  ask: ({ method, scheme, authority, target }, client) => ({
    method: 'GET',
    rest: '',
    pairs: [
      ['X-Original-URL', `${scheme}://${authority}${target}`],
      ['X-Original-Method', method],
      ['X-Sent-From', 'nginx-ingress-controller'],
      ['X-Real-IP', client],
      ['X-Forwarded-For', client],
      ['X-Auth-Request-Redirect', target],
    ],
  }),
  required: ['x-original-url', 'x-original-method', 'x-forwarded-for'],
  malformed: [
    ['x-original-url', '/a'],
    ['x-original-url', '//wiki.example.com/a'],
    ['x-original-url', 'https:///a'],
    ['x-original-url', 'ftp://wiki.example.com/a'],
    ['x-original-url', 'https://ann@wiki.example.com/a'],
    ['x-original-url', 'https://wiki.example.com?.wild.example.com/a'],
    ['x-original-url', 'https://wiki.example.com'],
    ['x-original-url', 'https://wiki.example.com/a, https://wiki.example.com/b'],
    ['x-original-method', 'GET, POST'],
    ['x-forwarded-for', 'a'],
    ['x-forwarded-proto', 'http'],
    ['x-forwarded-host', 'admin.example.com'],
  ],
  authorization: (allow) => allow['authorization'] ?? null,
};
