/**
 * Renders messages in a language. Never throws for a message: a missing or broken text falls back to
 * English, then to its key, because a page with a gap is better than no page.
 */
import { createRequire } from 'node:module';
import type { IntlMessageFormat } from 'intl-messageformat';
import type { Message, OwnTexts, Texts, Words } from '../../core/values/message.ts';
import { negotiate } from './language.ts';

/** Texts in several languages. */
export interface Catalogue {
  /**
   * The message in the best language for an Accept-Language header or a tag. Plain text, not
   * escaped. `own` replaces texts of the catalogue.
   */
  say(message: Message, language: string | null, own?: OwnTexts): string;
  /** Tag of the language chosen for the header. */
  languageOf(header: string | null): string;
  /** Whether the key has an English text. */
  has(key: string): boolean;
}

type Values = Readonly<Record<string, string | number>>;
type Formatter = new (
  text: string,
  language: string,
  formats: undefined,
  options: object,
) => IntlMessageFormat;

/** Most texts have only plain `{name}` placeholders, which need no ICU parser. */
const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;
const IS_ICU = /\{[^{}]*[,\s]|'/;

const require = createRequire(import.meta.url);
let formatter: Formatter | null = null;

/** Merges texts. Throws if two of them define one key. */
export function catalogue(texts: readonly Texts[]): Catalogue {
  const languages = new Map<string, Map<string, string>>([['en', new Map()]]);
  for (const part of texts) {
    for (const [language, entries] of Object.entries(part)) {
      const words = languages.get(language) ?? new Map<string, string>();
      languages.set(language, words);
      for (const [key, text] of Object.entries(entries)) {
        if (words.has(key)) throw new Error(`two texts claim the key ${key} (${language})`);
        words.set(key, text);
      }
    }
  }
  const tags = [...languages.keys()];
  const english = languages.get('en') as Map<string, string>;
  const languageOf = (header: string | null): string => negotiate(header, tags);
  const known = ({ key, fallbacks = [] }: Extract<Message, { key: string }>): string =>
    [key, ...fallbacks].find((one) => english.has(one)) ?? key;
  return {
    languageOf,
    has: (key) => english.has(key),
    say(message, language, own) {
      if ('literal' in message) return wordsIn(message.literal, language);
      const tag = languageOf(language);
      const values = valuesIn(message.values ?? {}, language);
      const key = known(message);
      const override = own?.get(key);
      if (override !== undefined) {
        const [spoken, words] = chosen(override, language, tag);
        const formatted = format(words, spoken, values);
        if (formatted !== null) return formatted;
      }
      const ours = languages.get(tag)?.get(key);
      if (ours !== undefined) return format(ours, tag, values) ?? key;
      const text = english.get(key);
      return (text === undefined ? null : format(text, 'en', values)) ?? key;
    },
  };
}

/** An operator's text in the best of its languages. */
function wordsIn(words: Words, language: string | null): string {
  return chosen(words, language, '')[1];
}

/** The text with its language, or with `tag` if it has one text for all languages. */
function chosen(words: Words, language: string | null, tag: string): [tag: string, text: string] {
  if (typeof words === 'string') return [tag, words];
  const tags = ['en', ...Object.keys(words).filter((other) => other !== 'en')];
  const best = negotiate(language, tags);
  return [best, words[best] ?? ''];
}

const isPlain = (value: Words | number): value is string | number => typeof value !== 'object';

/** Values in the language; most have one text for all languages. */
function valuesIn(
  values: Readonly<Record<string, Words | number>>,
  language: string | null,
): Values {
  const entries = Object.entries(values);
  if (entries.every(([, value]) => isPlain(value))) return values as Values;
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isPlain(value) ? value : wordsIn(value, language)]),
  );
}

function format(text: string, language: string, values: Values): string | null {
  if (!IS_ICU.test(text)) {
    return text.replace(PLACEHOLDER, (whole, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : whole,
    );
  }
  try {
    formatter ??= (require('intl-messageformat') as { IntlMessageFormat: Formatter })
      .IntlMessageFormat;
    return String(
      new formatter(text, language, undefined, { ignoreTag: true }).format({ ...values }),
    );
  } catch {
    // Named fallback: the key itself; a text that cannot be formatted must not take the page away.
    return null;
  }
}
