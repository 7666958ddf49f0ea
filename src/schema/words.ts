/** Options that are text, in one language or in several. */
import { z } from 'zod';
import { hasEnglish, LANGUAGE } from '../core/values/message.ts';

/** Text of 1 to `most` characters. */
export function text(most: number): z.ZodString {
  return z.string().min(1).max(most);
}

/** Text that users read: one text, or one for each language with English among them. */
export function words(most: number) {
  const each = z
    .record(z.string().regex(LANGUAGE, 'expected a language: en, de, pt-BR'), text(most))
    .refine(hasEnglish, 'expected en among the languages');
  return z.union([text(most), each]);
}
