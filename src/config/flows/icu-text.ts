/**
 * Parses ICU messages at load, so that no page meets a message that it cannot format.
 */
import { createRequire } from 'node:module';
import type { IntlMessageFormat } from 'intl-messageformat';
import { fieldsOf, valueAt } from '../../core/values/record.ts';

type Constructor = typeof IntlMessageFormat;
type Element = ReturnType<IntlMessageFormat['getAst']>[number];

const require = createRequire(import.meta.url);

/** Parts of a message that contain a value, by the parser's numbers. */
const KINDS = { argument: 1, number: 2, date: 3, time: 4, select: 5, plural: 6 } as const;

/** The names of the values in a message, or what is wrong with it. */
export type IcuReading = { readonly names: ReadonlySet<string> } | { readonly fault: string };

/** Parses and formats a message in a language. */
export function readIcu(text: string, language: string): IcuReading {
  const { IntlMessageFormat: Message }: { IntlMessageFormat: Constructor } =
    require('intl-messageformat');
  try {
    const options = { ignoreTag: true, captureLocation: true };
    const message = new Message(text, language, undefined, options);
    const names = new Set<string>();
    const moment = visit(message.getAst(), names);
    if (moment !== null)
      return { fault: `{${moment}} formats a date, and no value of this text is a date` };
    // Number styles are parsed only when a message is formatted.
    message.format(Object.fromEntries([...names].map((name) => [name, 1])));
    return { names };
  } catch (cause) {
    // Named fallback: a fault, so that the configuration as a whole is refused.
    return { fault: wordsOf(cause, text) };
  }
}

/** Adds all names to `names`; returns the name of a value that is formatted as a date, or null. */
function visit(elements: readonly Element[], names: Set<string>): string | null {
  for (const element of elements) {
    const type: number = element.type;
    if (type === KINDS.date || type === KINDS.time) return nameOf(element);
    if (type < KINDS.argument || type > KINDS.plural) continue;
    names.add(nameOf(element));
    if (!('options' in element)) continue;
    for (const { value } of Object.values(element.options)) {
      const moment = visit(value, names);
      if (moment !== null) return moment;
    }
  }
  return null;
}

function nameOf(element: Element): string {
  return 'value' in element ? element.value : '';
}

/** Messages for the parser's codes. Other codes are shown as they are. */
const WORDS: Readonly<Record<string, string>> = {
  EXPECT_ARGUMENT_CLOSING_BRACE: 'a { is not closed by a }',
  UNCLOSED_QUOTE_IN_ARGUMENT_STYLE: "a ' is not closed by another",
  EMPTY_ARGUMENT: '{} has no name',
  MALFORMED_ARGUMENT: 'expected {name}, {name, plural, …} or {name, select, …}',
  INVALID_ARGUMENT_TYPE: 'expected number, plural, selectordinal or select after the name',
  EXPECT_ARGUMENT_TYPE: 'expected number, plural, selectordinal or select after the name',
  EXPECT_PLURAL_ARGUMENT_SELECTOR: 'expected one {…} other {…}',
  EXPECT_PLURAL_ARGUMENT_SELECTOR_FRAGMENT: 'expected {…} after it',
  EXPECT_SELECT_ARGUMENT_SELECTOR: 'expected value {…} other {…}',
  EXPECT_SELECT_ARGUMENT_SELECTOR_FRAGMENT: 'expected {…} after it',
  EXPECT_SELECT_ARGUMENT_OPTIONS: 'expected value {…} other {…} after a comma',
  MISSING_OTHER_CLAUSE: 'other {…} is missing; it covers all values that are not listed',
};

/** What is wrong, with the line and a caret below it if the parser reports a position. */
function wordsOf(cause: unknown, text: string): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const words = `not a valid message: ${WORDS[message] ?? message.split('\n', 1)[0]}`;
  const { line, column } = fieldsOf(valueAt(cause, ['location', 'start']));
  if (typeof line !== 'number' || typeof column !== 'number') return words;
  const gutter = `> ${String(line).padStart(4)} | `;
  const shown = text.split('\n')[line - 1] ?? '';
  return `${words}\n\n${gutter}${shown}\n${' '.repeat(gutter.length + column - 1)}^`;
}
