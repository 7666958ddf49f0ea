/**
 * What a policy compared, from the sentences in its `texts`: in English for `explain` and the log, and
 * as a message for pages. Pure. Call it only for refusals, or at load: an allow must stay cheap.
 */
import { englishOf, type Message, mapWords, type Texts, type Words } from '../values/message.ts';
import type { Reason } from '../values/reason.ts';
import type { Verdict } from './policy.ts';

/**
 * Maximum length of one value, in characters. Directories and clients write some of them, such as the
 * names of groups.
 */
export const MAX_VALUE = 300;

type Values = Readonly<Record<string, Words | number>>;

/** Finds the placeholders of a sentence, which are plain names: `{needed}`. */
const PLACEHOLDER = /\{([a-z]+)\}/g;

/**
 * The part of a reason that says what was compared. The sentence is `detail.<name>` of the texts. A
 * value is cut after MAX_VALUE characters.
 */
export function comparison(
  texts: Texts,
  name: string,
  values: Values,
): Required<Pick<Reason, 'detail' | 'compared'>> {
  const key = `detail.${name}`;
  const bounded = Object.fromEntries(
    Object.entries(values).map(([each, value]) => [
      each,
      typeof value === 'number' ? value : mapWords(value, cut),
    ]),
  );
  const compared: Message = { key, values: bounded };
  const detail = (texts.en[key] ?? key).replace(PLACEHOLDER, (whole, each: string) => {
    const value = Object.hasOwn(bounded, each) ? bounded[each] : undefined;
    if (value === undefined) return whole;
    return typeof value === 'number' ? String(value) : englishOf(value);
  });
  return { detail, compared };
}

/** A failed verdict that says what was compared. `name` is the code if the code has one sentence. */
export function failed(texts: Texts, code: string, values: Values, name: string = code): Verdict {
  return { pass: false, reason: { code, ...comparison(texts, name, values) } };
}

function cut(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
