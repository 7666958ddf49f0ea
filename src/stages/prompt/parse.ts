/**
 * Validates each typed value: returns a value of the declared type or an error message. Passwords
 * are returned apart from all other values.
 */
import type { Json } from '../../core/values/json.ts';
import { isAddress } from '../../core/flow/mail.ts';
import type { Message } from '../../core/values/message.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import { type InputField, isInput, isDay, type PromptField, repeats, valueOf } from './fields.ts';

/** Minimum length of a password, in characters. */
const MIN_PASSWORD = 8;
/** What browsers and scripts send for a checked box. */
const TICKED: readonly unknown[] = ['on', 'true', true];
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
/** Matches usernames that the embedded directory accepts. */
const USERNAME = /^(?=.*[\p{L}\p{N}])(?:[\p{L}\p{N}]\p{M}{0,3}|[._@+-])+$/u;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;

/** The raw submission, in the shape required by `answerTo`. */
export type Typed = Readonly<Record<string, string | number | boolean | undefined>>;

/** All values by name. Passwords are in `secrets`; repeated passwords are dropped. */
export interface Parsed {
  readonly values: Readonly<Record<string, Json>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly errors: ReadonlyMap<string, Message>;
}

type Verdict = { readonly value: Json } | { readonly error: Message };

/** Validates every value. Fixed values come from the options, whatever the browser sent. */
export function parse(fields: readonly PromptField[], typed: Typed): Parsed {
  const values: Record<string, Json> = {};
  const secrets: Record<string, string> = {};
  const errors = new Map<string, Message>();
  for (const one of fields) {
    if (one.type === 'hidden' || one.type === 'static') values[one.name] = one.value;
    if (!isInput(one)) continue;
    const first = repeats(one, fields);
    const verdict = first === null ? parseOne(one, typed[one.name]) : repeated(one, first, typed);
    if ('error' in verdict) errors.set(one.name, verdict.error);
    else if (one.type !== 'password') values[one.name] = verdict.value;
    else if (first === null && typeof verdict.value === 'string') secrets[one.name] = verdict.value;
  }
  return { values, secrets, errors };
}

const wrong = (message: Message): Verdict => ({ error: message });
const MISSING = wrong({ key: 'prompt.missing' });

function repeated(one: InputField, first: string, typed: Typed): Verdict {
  const isSame = (typed[one.name] ?? '') === (typed[first] ?? '');
  return isSame ? { value: null } : wrong({ key: 'prompt.password.differs' });
}

function parseOne(one: InputField, raw: Typed[string]): Verdict {
  if (one.type === 'checkbox') {
    const isTicked = TICKED.includes(raw);
    return one.required && !isTicked ? wrong({ key: 'prompt.tick' }) : { value: isTicked };
  }
  const text = one.type === 'password' ? String(raw ?? '') : String(raw ?? '').trim();
  if (text === '') return one.required ? MISSING : { value: null };
  switch (one.type) {
    case 'text':
      if (text.length > one.max_length) return wrong({ key: 'prompt.text.long' });
      return CONTROL.test(text) ? wrong({ key: 'prompt.text.bad' }) : { value: text };
    case 'username':
      return parseName(text.normalize('NFKC'));
    case 'email': {
      const address = text.normalize('NFKC');
      return isAddress(address) ? { value: address } : wrong({ key: 'prompt.email.bad' });
    }
    case 'password':
      return parsePassword(text);
    case 'number':
      return parseNumber(text, one.min, one.max);
    case 'date':
      return parseDay(text, one.min, one.max);
    case 'radio':
    case 'dropdown':
    case 'locale':
      return one.options.map(valueOf).includes(text)
        ? { value: text }
        : wrong({ key: 'prompt.choice.bad' });
  }
}

function parseName(text: string): Verdict {
  const isName = text.length <= 64 && USERNAME.test(text);
  return isName ? { value: text } : wrong({ key: 'prompt.username.bad' });
}

/**
 * Checks the form that is hashed, so a password that would be too long or cut off is rejected
 * first.
 */
function parsePassword(text: string): Verdict {
  if (Array.from(text).length < MIN_PASSWORD) {
    return wrong({ key: 'prompt.password.short', values: { least: MIN_PASSWORD } });
  }
  const isFit = text.isWellFormed() && !text.includes('\0');
  const bytes = Buffer.byteLength(text.normalize('NFKC'), 'utf8');
  return isFit && bytes <= MAX_PASSWORD_BYTES
    ? { value: text }
    : wrong({ key: 'prompt.password.long' });
}

function parseNumber(text: string, min = -Infinity, max = Infinity): Verdict {
  if (!NUMBER.test(text)) return wrong({ key: 'prompt.number.bad' });
  const value = Number(text);
  if (value < min) return wrong({ key: 'prompt.least', values: { least: min } });
  if (value > max) return wrong({ key: 'prompt.most', values: { most: max } });
  return { value };
}

function parseDay(text: string, min = '0000-01-01', max = '9999-12-31'): Verdict {
  if (!isDay(text)) return wrong({ key: 'prompt.date.bad' });
  if (text < min) return wrong({ key: 'prompt.least', values: { least: min } });
  if (text > max) return wrong({ key: 'prompt.most', values: { most: max } });
  return { value: text };
}
