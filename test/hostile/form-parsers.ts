/** What reads forms on their way to apps, with the longest input and the characters that matter to it. */
import { MAX_BODY } from '../../src/gate/request/body.ts';
import { parseForm } from '../../src/gate/unsent/form-body.ts';
import type { Parser } from '../support/growth.ts';

/** The head of a field in a multipart form. */
const FORM_PART = 'Content-Disposition: form-data; name="a"\r\n\r\n';

export const FORM_PARSERS: Readonly<Record<string, Parser>> = {
  'an unsent form': {
    longest: MAX_BODY,
    pieces: ['a', '=', '&', '%', '%0D%0A', '+', '\r\n', '--', '"', `--x\r\n${FORM_PART}`],
    frames: [
      ['', ''],
      [`--x\r\n${FORM_PART}`, '\r\n--x--\r\n'],
    ],
    read: (text) => [
      parseForm('application/x-www-form-urlencoded', Buffer.from(text)),
      parseForm('multipart/form-data; boundary=x', Buffer.from(text)),
    ],
  },
};
