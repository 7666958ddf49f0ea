/** What reads forms, with the longest input and the characters that matter to it. */
import { MAX_BODY } from '../../src/gate/request/body.ts';
import { parseForm } from '../../src/gate/unsent/form-body.ts';
import { answerOf, MAX_ANSWER, planOfState } from '../../src/core/sources/passage.ts';
import { readAnswer, sentOnTo } from '../../src/flow/back/answer.ts';
import { readPosted } from '../../src/flow/web/form.ts';
import type { Parser } from '../support/growth.ts';
import { testFacts } from '../support/snapshot.ts';
import { testVault } from '../support/state.ts';

const vault = testVault();

/** The head of a field in a multipart form. */
const FORM_PART = 'Content-Disposition: form-data; name="a"\r\n\r\n';

const posted = (type: string, kind: 'form' | 'json') => (body: string) => {
  const request = new Request('https://auth.example.com/flow/login', { method: 'POST', body });
  return readPosted(request, testFacts({}, { 'content-type': type }), kind);
};

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
  'a form': {
    longest: MAX_BODY,
    pieces: ['&', '=', '%', '%41', '+', 'a', 'a=b&', '%E2%80'],
    read: posted('application/x-www-form-urlencoded', 'form'),
  },
  'the answer of a source': {
    longest: MAX_ANSWER,
    pieces: ['&', '=', '%', '%41', '+', 'a', 'state=', 'answer=', 'A', '.', '-'],
    frames: [
      ['', ''],
      ['answer=', ''],
      ['code=x&state=', ''],
    ],
    read: (text) => [
      readAnswer(vault, 'login', `?${text}`),
      answerOf(text),
      planOfState(text),
      sentOnTo(vault, 'login', { state: text, code: text }),
    ],
  },
  JSON: {
    longest: MAX_BODY,
    pieces: ['[', '{', '"', '\\', ' ', '0', ',', '{"a":'],
    frames: [
      ['', ''],
      ['{"answer":{"a":"', '"}}'],
      ['{"answer":{"a":', '}}'],
    ],
    read: posted('application/json', 'json'),
  },
};
