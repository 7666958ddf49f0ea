/**
 * Words for people, as keys and values; pages turn them into a language. Nothing in
 * the core or in a stage holds a sentence to show, except what an operator wrote.
 */

/** What an operator wrote: one text for everybody, or one for each language, English among them. */
export type Words = string | Readonly<Record<string, string>>;

/** A key of the text catalogue with its values, or what the operator wrote. */
export type Message =
  | { readonly key: string; readonly values?: Readonly<Record<string, Words | number>> }
  | { readonly literal: Words };

/** What a flow says in place of the catalogue, by key: placeholders and plurals as there. */
export type OwnTexts = ReadonlyMap<string, Words>;

/** A language as operators name it: `en`, `de`, `pt-BR`. */
export const LANGUAGE = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$/;

/** Whether there is a text for whoever reads none of the other languages. */
export function hasEnglish(words: Words): boolean {
  return typeof words === 'string' || Object.hasOwn(words, 'en');
}

/** The text for operators and logs. */
export function englishOf(words: Words): string {
  return typeof words === 'string' ? words : (words['en'] ?? '');
}

/** The words with each text changed alike. */
export function mapWords(words: Words, change: (text: string) => string): Words {
  if (typeof words === 'string') return change(words);
  return Object.fromEntries(Object.entries(words).map(([tag, text]) => [tag, change(text)]));
}

/** A stage's own texts: language tag → key → ICU message. English must be complete. */
export type Texts = { readonly en: Readonly<Record<string, string>> } & Readonly<
  Record<string, Readonly<Record<string, string>>>
>;
