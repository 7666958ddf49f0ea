/** The checks that the proxy sends, for the contract that all dialects keep. */
import type { DialectExamples } from '../../../test/contracts/dialects.suite.ts';

export const examples: DialectExamples = {
  ask: ({ method, scheme, authority, target }, client) => ({
    method: 'GET',
    rest: '',
    pairs: [
      ['X-Original-URL', `${scheme}://${authority}${target}`],
      ['X-Original-Method', method],
      ['X-Forwarded-For', client],
    ],
  }),
  required: ['x-original-url', 'x-original-method', 'x-forwarded-for'],
  malformed: [
    ['x-original-url', '/a'],
    ['x-original-url', '//wiki.example.com/a'],
    ['x-original-url', 'https:///a'],
    ['x-original-url', 'https:wiki.example.com/a'],
    ['x-original-url', 'ftp://wiki.example.com/a'],
    ['x-original-url', 'https://ann@wiki.example.com/a'],
    ['x-original-url', 'https://wiki.example.com\\a'],
    ['x-original-url', 'https://wiki.example.com#a'],
    // `Host: wiki.example.com?.wild.example.com`, as the server block of *.wild.example.com would
    // send it.
    ['x-original-url', 'https://wiki.example.com?.wild.example.com/a'],
    ['x-original-url', 'https://wiki.example.com'],
    ['x-original-url', 'https://wiki.example.com:x/a'],
    ['x-original-url', 'https://wiki.example.comhttp://admin.example.com/a'],
    ['x-original-url', 'https://wiki.example.com/a, https://wiki.example.com/b'],
    ['x-original-method', 'GET, POST'],
    ['x-forwarded-for', 'a'],
    ['x-forwarded-for', '192.0.2.7, 10.0.0.1:'],
    ['x-forwarded-proto', 'http'],
    ['x-forwarded-host', 'admin.example.com'],
  ],
  authorization: (allow) => allow['authorization'] || null,
};
