/**
 * Words for people, as keys and values; pages turn them into a language. Nothing in
 * the core or in a stage holds a sentence to show, except what an operator wrote.
 */

/** A key of the text catalogue with its values, or a text the operator wrote. */
export type Message =
  | { readonly key: string; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly literal: string };

/** A stage's own texts: language tag → key → ICU message. English must be complete. */
export type Texts = { readonly en: Readonly<Record<string, string>> } & Readonly<
  Record<string, Readonly<Record<string, string>>>
>;
