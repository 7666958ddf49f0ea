/** Reason codes in plain words: the code's own sentence, else its family's, else a general one. Total. */
import type { Message } from '../../core/values/message.ts';
import { pageTexts } from '../texts/texts.ts';

/** Longest code looked at, in characters. */
const MAX_CODE = 80;

/** The sentence for a reason's stable code. */
export function reasonWords(code: string): Message {
  const known = code.slice(0, MAX_CODE);
  for (const key of [`reason.${known}`, `reason.${known.split('/', 1)[0]}`]) {
    if (Object.hasOwn(pageTexts.en, key)) return { key };
  }
  return { key: 'reason.other' };
}
