/** Renders the declared fields. After an error, fields show what was typed, except passwords. */
import { MAX_ADDRESS } from '../../core/flow/mail.ts';
import { mapWords, type Message, type Words } from '../../core/values/message.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import {
  type InputField,
  isInput,
  type Options,
  type PromptField,
  repeats,
  valueOf,
} from './fields.ts';
import { initialOf, type Known } from './initial.ts';
import type { Typed } from './parse.ts';

const MAX_USERNAME = 64;

/** What the user typed, and the errors by field name. */
interface Tried {
  readonly typed: Typed;
  readonly errors: ReadonlyMap<string, Message>;
}

/** What is shown beside the fields themselves. */
interface Shown {
  /** The title of the flow. */
  readonly title: Words;
  /** What fields may begin with. */
  readonly known: Known;
  readonly tried: Tried | null;
}

export function challenge(options: Options, page: Shown): Challenge {
  const { fields, text, submit } = options;
  const { title } = page;
  return {
    type: 'prompt',
    title: { literal: options.title ?? title },
    ...(text === undefined ? {} : { lead: { literal: text } }),
    fields: fields.flatMap((one) => shown(one, fields, page)),
    submit: submit === undefined ? { key: 'prompt.submit' } : { literal: submit },
  };
}

function shown(one: PromptField, all: readonly PromptField[], page: Shown): readonly Field[] {
  if (isInput(one)) {
    const help: readonly Field[] =
      one.help === undefined ? [] : [{ kind: 'text-block', text: { literal: one.help } }];
    return [...help, entry(one, all, page)];
  }
  switch (one.type) {
    case 'hidden':
      return [];
    case 'static':
      return [
        {
          kind: 'text-block',
          text: { literal: mapWords(one.label, (label) => `${label}: ${one.value}`) },
        },
      ];
    case 'separator':
      return [{ kind: 'separator' }];
    case 'alert':
      return [{ kind: 'alert', tone: one.tone, text: { literal: one.text } }];
  }
}

function entry(one: InputField, all: readonly PromptField[], { tried, known }: Shown): Field {
  const { name, required } = one;
  const wrong = tried?.errors.get(name);
  const error = wrong === undefined ? {} : { error: wrong };
  const base = { name, label: labelOf(one, all), required, ...error };
  if (one.type === 'checkbox') {
    const typed = tried?.typed[name];
    const checked =
      tried === null ? initialOf(one, known) === true : typed !== undefined && typed !== false;
    return { kind: 'checkbox', name, label: base.label, checked };
  }
  if (one.type === 'password') {
    const maxLength = MAX_PASSWORD_BYTES;
    return { ...base, kind: 'password', autocomplete: 'new-password', maxLength };
  }
  const stands = tried === null ? initialOf(one, known) : tried.typed[name];
  const value = stands === undefined ? {} : { value: String(stands) };
  switch (one.type) {
    case 'text':
      return { ...base, ...value, kind: 'text', maxLength: one.max_length };
    case 'username': {
      const autocomplete = 'username';
      return { ...base, ...value, kind: 'text', autocomplete, maxLength: MAX_USERNAME };
    }
    case 'email':
      return { ...base, ...value, kind: 'email', autocomplete: 'email', maxLength: MAX_ADDRESS };
    case 'number':
    case 'date': {
      const min = one.min === undefined ? {} : { min: String(one.min) };
      const max = one.max === undefined ? {} : { max: String(one.max) };
      return { ...base, ...value, ...min, ...max, kind: one.type };
    }
    case 'radio':
    case 'dropdown':
      return { ...base, ...value, kind: one.type, options: one.options.map(option) };
    case 'locale':
      return { ...base, ...value, kind: 'dropdown', options: one.options.map(language) };
  }
}

function option(one: string | { readonly value: string; readonly label: Words }) {
  return { value: valueOf(one), label: { literal: typeof one === 'string' ? one : one.label } };
}

/** Shows each language under its own name, so its speakers recognize it. */
function language(tag: string) {
  const own = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
  return { value: tag, label: { literal: own } };
}

/** Returns the operator's label, or the default label of field types that need none. */
function labelOf(one: InputField, all: readonly PromptField[]): Message {
  if (one.label !== undefined) return { literal: one.label };
  if (repeats(one, all) !== null) return { key: 'prompt.password.repeat' };
  switch (one.type) {
    case 'username':
      return { key: 'prompt.username' };
    case 'email':
      return { key: 'prompt.email' };
    case 'password':
      return { key: 'prompt.password' };
    default:
      return { key: 'prompt.locale' };
  }
}
