/** What reads the answers of LDAP servers, with the longest input and the characters that matter to it. */
import { createFramer } from '../../src/directories/ldap/protocol/ber.ts';
import { parseDn } from '../../src/directories/ldap/protocol/dn.ts';
import { parseAnswer } from '../../src/directories/ldap/protocol/messages.ts';
import type { Parser } from '../support/growth.ts';

export const LDAP_PARSERS: Readonly<Record<string, Parser>> = {
  'a distinguished name of an LDAP server': {
    longest: 8192,
    pieces: ['\\', '\\\\', ',', '=', 'cn=', ' ', '+', '\\c3', '\\ '],
    frames: [
      ['', ''],
      ['cn=', ',dc=x'],
    ],
    read: (text) => parseDn(text),
  },
  'an answer of an LDAP server': {
    longest: 65_536,
    pieces: ['0\0', '\x04\x01a', '1\x82', '\x84', '\0', '\x02\x01\x01', 'd\x7f'],
    frames: [
      ['', ''],
      ['\x02\x01\x01d\x83\0\xff\xf0\x04\x010\x83\0\xff\xe8', ''],
    ],
    read: (text) => {
      const bytes = Buffer.from(text, 'latin1');
      return [tried(() => createFramer().push(bytes)), tried(() => parseAnswer(bytes))];
    },
  },
};

/** What was read, or why not. */
function tried(read: () => unknown): unknown {
  try {
    return read();
  } catch (caught) {
    return caught;
  }
}
