/** The fields an operator can declare in YAML. Every typed value has a length limit here. */
import { z } from 'zod';
import { words } from '../../schema/words.ts';
import { fieldName } from '../../schema/names.ts';
import { MAX_ADDRESS } from '../../core/flow/mail.ts';
import { fromKnown } from './initial.ts';

/** Maximum length of a username, as in the embedded directory. */
const MAX_USERNAME = 64;
const MAX_TEXT = 1000;
/**
 * Maximum characters of all texts together: typed values are stored in the plan, whose size is
 * limited.
 */
const MAX_TEXTS = 6400;
/** Names reserved by forms, and names with a meaning in JavaScript. */
const TAKEN = /^(?:seed|plan|csrf|revision|stage|rd|link|constructor|prototype)$/;
const REPEAT = '_repeat';

const name = fieldName
  .refine((text) => !TAKEN.test(text), 'is kept for the form itself')
  .describe('Name of the stored answer.');
const label = words(200).describe('Label: one for all languages, or one for each.');
const help = words(500).optional().describe('Help text above the field.');
const required = z.boolean().prefault(true).describe('Whether an answer is required.');
const value = (longest: number) => initial(z.string().max(longest));
const aDay = z.string().refine(isDay, 'expected a day: 2026-12-31');
const day = aDay.optional().describe('A day: 2026-12-31.');
const aNumber = z.number().min(-1e15).max(1e15);
const number = aNumber.optional().describe('A number.');
/** An initial value: one of the field's type, or one that is known of the user. */
function initial<T extends z.ZodType>(plain: T, about = 'Initial value, or `{ from: … }`.') {
  return z.union([plain, fromKnown]).optional().describe(about);
}

const options = z
  .array(
    z.union([
      z.string().min(1).max(100),
      z.strictObject({
        value: z.string().min(1).max(100).describe('Stored value.'),
        label,
      }),
    ]),
  )
  .min(1)
  .max(200)
  .refine((list) => new Set(list.map(valueOf)).size === list.length, 'names each value once')
  .describe('Choices, in order: a text, or a value with its label.');
const locale = z.string().refine(isLocale, 'expected a language: en, de, pt-BR');

const open = { name, help, required };
const choice = { ...open, label, options, value: value(100) };

const field = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    ...open,
    label,
    value: value(MAX_TEXT),
    max_length: z
      .int()
      .min(1)
      .max(MAX_TEXT)
      .prefault(200)
      .describe('Maximum length in characters.'),
  }),
  z.strictObject({
    type: z.literal('username'),
    ...open,
    label: label.optional(),
    value: value(MAX_USERNAME),
  }),
  z.strictObject({
    type: z.literal('email'),
    ...open,
    label: label.optional(),
    value: value(MAX_ADDRESS),
  }),
  z.strictObject({ type: z.literal('password'), ...open, label: label.optional() }),
  z.strictObject({
    type: z.literal('number'),
    ...open,
    label,
    value: initial(aNumber),
    min: number,
    max: number,
  }),
  z.strictObject({
    type: z.literal('checkbox'),
    ...open,
    required: z.boolean().prefault(false).describe('Whether the box must be checked.'),
    label,
    value: z
      .union([z.boolean(), fromKnown])
      .prefault(false)
      .describe('Whether the box is initially checked, or `{ from: … }`.'),
  }),
  z.strictObject({ type: z.literal('radio'), ...choice }),
  z.strictObject({ type: z.literal('dropdown'), ...choice }),
  z.strictObject({
    type: z.literal('date'),
    ...open,
    label,
    value: initial(aDay),
    min: day,
    max: day,
  }),
  z.strictObject({
    type: z.literal('locale'),
    ...open,
    label: label.optional(),
    options: z
      .array(locale)
      .min(1)
      .max(100)
      .prefault(['en', 'de'])
      .describe('Languages to choose from.'),
    value: initial(locale, 'Initial language, or `{ from: … }`. Default: the browser’s.'),
  }),
  z.strictObject({
    type: z.literal('hidden'),
    name,
    value: z
      .union([z.string().max(MAX_TEXT), z.number(), z.boolean()])
      .describe('Stored value. The browser cannot change it.'),
  }),
  z.strictObject({
    type: z.literal('static'),
    name,
    label,
    value: z.string().max(MAX_TEXT).describe('Value that is shown and stored.'),
  }),
  z.strictObject({ type: z.literal('separator') }),
  z.strictObject({
    type: z.literal('alert'),
    text: words(MAX_TEXT).describe('Text of the alert.'),
    tone: z.enum(['info', 'warning']).prefault('info').describe('Style of the alert.'),
  }),
]);

export type PromptField = z.infer<typeof field>;
/** A field that the user fills in. */
export type InputField = Exclude<
  PromptField,
  { type: 'hidden' | 'static' | 'separator' | 'alert' }
>;

export const config = z.strictObject({
  title: words(100).optional().describe('Heading. Default: the title of the flow.'),
  text: words(2000).optional().describe('Line under the heading.'),
  submit: words(60).optional().describe('Text of the button.'),
  fields: z
    .array(field)
    .min(1)
    .max(32)
    .superRefine((fields, context) => {
      for (const [index, message] of faultsOf(fields)) {
        context.addIssue({ code: 'custom', message, path: [index] });
      }
    })
    .describe('Fields of the form, in order.'),
  validation: z
    .array(z.record(z.string(), z.unknown()))
    .max(32)
    .optional()
    .describe('Policies that the answers must all pass. Each can name the `field` it checks.'),
});
export type Options = z.infer<typeof config>;

/** Whether the user fills in this field. Values the browser sends for other fields are ignored. */
export function isInput(one: PromptField): one is InputField {
  return !['hidden', 'static', 'separator', 'alert'].includes(one.type);
}

/** Returns the value of an option in short or long form. */
export function valueOf(option: string | { readonly value: string }): string {
  return typeof option === 'string' ? option : option.value;
}

/** Returns the name of the password that this field repeats, or null. */
export function repeats(one: PromptField, all: readonly PromptField[]): string | null {
  if (one.type !== 'password' || !one.name.endsWith(REPEAT)) return null;
  const first = one.name.slice(0, -REPEAT.length);
  return all.some((other) => other.type === 'password' && other.name === first) ? first : null;
}

/** Whether the text is an existing day in the format browsers send. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isLocale(text: string): boolean {
  return /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$/.test(text);
}

/** Yields faults that involve several fields, each with the index of its field. */
function* faultsOf(fields: readonly PromptField[]): Generator<readonly [number, string]> {
  const seen = new Set<string>();
  let texts = 0;
  for (const [index, one] of fields.entries()) {
    if ('name' in one) {
      if (seen.has(one.name)) yield [index, `there is a field ${one.name} already`];
      seen.add(one.name);
    }
    texts += one.type === 'text' ? one.max_length : 0;
    if (texts > MAX_TEXTS) yield [index, `texts have at most ${MAX_TEXTS} characters together`];
    const isOption =
      !('options' in one) ||
      typeof one.value !== 'string' ||
      one.options.map(valueOf).includes(one.value);
    if (!isOption) yield [index, 'its value is none of its options'];
    const isRange =
      !('min' in one) || one.min === undefined || one.max === undefined || one.min <= one.max;
    if (!isRange) yield [index, 'min is more than max'];
  }
}
