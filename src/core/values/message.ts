/**
 * Texts for users as keys and values, which pages translate. Neither the core nor a stage contains
 * sentences for users.
 */

/**
 * Text written by the operator: one text for all languages, or one per language, English included.
 */
export type Words = string | Readonly<Record<string, string>>;

/**
 * A key of the text catalog with its values, or text written by the operator. `fallbacks` are keys
 * for a catalog without `key`, in order of preference.
 */
export type Message =
  | {
      readonly key: string;
      readonly fallbacks?: readonly string[];
      readonly values?: Readonly<Record<string, Words | number>>;
    }
  | { readonly literal: Words };

/** Texts of a flow that replace those of the catalog, by key, with the same placeholders. */
export type OwnTexts = ReadonlyMap<string, Words>;

/** A language tag: `en`, `de`, `pt-BR`. */
export const LANGUAGE = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$/;

/** Whether there is an English text, the fallback for other languages. */
export function hasEnglish(words: Words): boolean {
  return typeof words === 'string' || Object.hasOwn(words, 'en');
}

/** The English text, for operators and logs. */
export function englishOf(words: Words): string {
  return typeof words === 'string' ? words : (words['en'] ?? '');
}

/** Applies `change` to each text. */
export function mapWords(words: Words, change: (text: string) => string): Words {
  if (typeof words === 'string') return change(words);
  return Object.fromEntries(Object.entries(words).map(([tag, text]) => [tag, change(text)]));
}

/** The texts of a plug-in: language tag → key → ICU message. English must be complete. */
export type Texts = { readonly en: Readonly<Record<string, string>> } & Readonly<
  Record<string, Readonly<Record<string, string>>>
>;
