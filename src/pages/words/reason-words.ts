/** Sentences for reason codes: of the code itself, else of its family, else a general one. */
import type { Message } from '../../core/values/message.ts';
import { pageTexts } from '../texts/texts.ts';

/** Longest code that is looked up, in characters. */
const MAX_CODE = 80;

/** The family of a code: `group` of `group/not-member`. */
export function familyOf(code: string): string {
  return code.replace(/\/[^]*/, '');
}

/** The sentence for a reason's stable code; every code has one. */
export function reasonWords(code: string): Message {
  const known = code.slice(0, MAX_CODE);
  for (const key of [`reason.${known}`, `reason.${familyOf(known)}`]) {
    if (Object.hasOwn(pageTexts.en, key)) return { key };
  }
  return { key: 'reason.other' };
}
