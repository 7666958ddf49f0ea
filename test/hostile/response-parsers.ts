/** What reads the responses of apps, with the longest input and the characters that matter to it. */
import { rewriteCookie, rewriteLocation, rewriteRefresh } from '../../src/gate/proxy/rewrite.ts';
import type { Parser } from '../support/growth.ts';

/** Most bytes in the head of an app’s response (gate/upstream/dispatch.ts). */
const MAX_HEAD = 65_536;

const rewriting = {
  rules: { location: true, cookieDomain: 'none', cookiePath: true },
  farOrigins: ['http://wiki'],
  farPath: '/base',
  nearOrigin: 'https://wiki.example.com',
  nearPath: '/wiki2',
};

export const RESPONSE_PARSERS: Readonly<Record<string, Parser>> = {
  'the addresses in an app’s response': {
    longest: MAX_HEAD,
    pieces: ['/', '\\', '\t', ' ', ';', 'Path=/base', 'Domain=a', '=', ':', '1', '"', 'url='],
    frames: [
      ['', ''],
      ['5;', ''],
      ['http://wiki', '@/base/'],
      ['/base', ''],
    ],
    read: (text) => [
      rewriteLocation(text, rewriting),
      rewriteRefresh(text, rewriting),
      rewriteCookie(text, rewriting),
    ],
  },
};
