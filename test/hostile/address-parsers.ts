/** What reads a client's address, with the longest input and the characters that matter to it. */
import { forwardedFor, clientOf, hopAddress } from '../../src/gate/request/trust.ts';
import { readProxyHeader } from '../../src/http/proxy-header.ts';
import type { Parser } from '../support/growth.ts';

const everyone = (): boolean => true;

export const ADDRESS_PARSERS: Readonly<Record<string, Parser>> = {
  'X-Forwarded-For': {
    longest: 2048,
    pieces: ['10.0.0.1,', '[::1]:1,', ',', ' ', '1', ':', '.', '['],
    read: (text) => [clientOf(text, everyone), forwardedFor(text, everyone)],
  },
  'a PROXY header': {
    longest: 16 + 2048,
    pieces: ['1', '.', ':', ' ', '\r', '\n', 'PROXY ', 'TCP4 '],
    frames: [
      ['PROXY UNKNOWN ', ''],
      ['PROXY TCP6 ', ' ::1 1 2\r\n'],
    ],
    read: (text) => readProxyHeader(Buffer.from(text, 'latin1')),
  },
  'a hop of X-Forwarded-For': {
    longest: 32 * 1024,
    pieces: ['1', ':', '.', '[', ']', '::', ' ', '%'],
    frames: [
      ['', ''],
      ['[', ']:1'],
    ],
    read: hopAddress,
  },
};
