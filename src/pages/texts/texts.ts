/** The texts of the pages in all languages, and typed keys. */
import type { Message, Texts } from '../../core/values/message.ts';
import { de } from './de.ts';
import { deReasons } from './de-reasons.ts';
import { en } from './en.ts';
import { enReasons } from './en-reasons.ts';

/** A key with an English text. */
export type TextKey = keyof typeof en | keyof typeof enReasons;

export const pageTexts: Texts = {
  en: { ...en, ...enReasons },
  de: { ...de, ...deReasons },
};

/** A message for one of these keys. */
export function text(key: TextKey, values?: Readonly<Record<string, string | number>>): Message {
  return values === undefined ? { key } : { key, values };
}
