/**
 * Judges what was typed, field by field: a value of the declared type, or what is wrong with it in
 * words. Passwords are looked at and never given on.
 */
import type { Json } from '../../core/values/json.ts';
import { isAddress } from '../../core/flow/mail.ts';
import type { Message } from '../../core/values/message.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import { type Asked, isAsked, isDay, type PromptField, repeats, valueOf } from './fields.ts';

/** Fewest characters of a password. */
const MIN_PASSWORD = 8;
/** What a browser sends for a ticked box, and scripts. */
const TICKED: readonly unknown[] = ['on', 'true', true];
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
/** As the embedded directory takes names. */
const USERNAME = /^(?=.*[\p{L}\p{N}])(?:[\p{L}\p{N}]\p{M}{0,3}|[._@+-])+$/u;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;

/** As it came: of the shape that `answerTo` says. */
export type Typed = Readonly<Record<string, string | number | boolean | undefined>>;

/** All answers, by name. Passwords are in `secrets`, repetitions nowhere. */
export interface EvaluatedRule {
  readonly values: Readonly<Record<string, Json>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly errors: ReadonlyMap<string, Message>;
}

type Verdict = { readonly value: Json } | { readonly error: Message };

/** Every answer judged. Fixed values come from the options, whatever was sent. */
export function judge(fields: readonly PromptField[], typed: Typed): EvaluatedRule {
  const values: Record<string, Json> = {};
  const secrets: Record<string, string> = {};
  const errors = new Map<string, Message>();
  for (const one of fields) {
    if (one.type === 'hidden' || one.type === 'static') values[one.name] = one.value;
    if (!isAsked(one)) continue;
    const first = repeats(one, fields);
    const verdict = first === null ? judgeOne(one, typed[one.name]) : repeated(one, first, typed);
    if ('error' in verdict) errors.set(one.name, verdict.error);
    else if (one.type !== 'password') values[one.name] = verdict.value;
    else if (first === null && typeof verdict.value === 'string') secrets[one.name] = verdict.value;
  }
  return { values, secrets, errors };
}

const wrong = (message: Message): Verdict => ({ error: message });
const MISSING = wrong({ key: 'prompt.missing' });

function repeated(one: Asked, first: string, typed: Typed): Verdict {
  const isSame = (typed[one.name] ?? '') === (typed[first] ?? '');
  return isSame ? { value: null } : wrong({ key: 'prompt.password.differs' });
}

function judgeOne(one: Asked, raw: Typed[string]): Verdict {
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
      return judgeName(text.normalize('NFKC'));
    case 'email': {
      const address = text.normalize('NFKC');
      return isAddress(address) ? { value: address } : wrong({ key: 'prompt.email.bad' });
    }
    case 'password':
      return judgePassword(text);
    case 'number':
      return judgeNumber(text, one.min, one.max);
    case 'date':
      return judgeDay(text, one.min, one.max);
    case 'radio':
    case 'dropdown':
    case 'locale':
      return one.options.map(valueOf).includes(text)
        ? { value: text }
        : wrong({ key: 'prompt.choice.bad' });
  }
}

function judgeName(text: string): Verdict {
  const isName = text.length <= 64 && USERNAME.test(text);
  return isName ? { value: text } : wrong({ key: 'prompt.username.bad' });
}

/** As it is hashed: one that is too long, or would be cut, is refused before. */
function judgePassword(text: string): Verdict {
  if (Array.from(text).length < MIN_PASSWORD) {
    return wrong({ key: 'prompt.password.short', values: { least: MIN_PASSWORD } });
  }
  const isFit = text.isWellFormed() && !text.includes('\0');
  const bytes = Buffer.byteLength(text.normalize('NFKC'), 'utf8');
  return isFit && bytes <= MAX_PASSWORD_BYTES
    ? { value: text }
    : wrong({ key: 'prompt.password.long' });
}

function judgeNumber(text: string, min = -Infinity, max = Infinity): Verdict {
  if (!NUMBER.test(text)) return wrong({ key: 'prompt.number.bad' });
  const value = Number(text);
  if (value < min) return wrong({ key: 'prompt.least', values: { least: min } });
  if (value > max) return wrong({ key: 'prompt.most', values: { most: max } });
  return { value };
}

function judgeDay(text: string, min = '0000-01-01', max = '9999-12-31'): Verdict {
  if (!isDay(text)) return wrong({ key: 'prompt.date.bad' });
  if (text < min) return wrong({ key: 'prompt.least', values: { least: min } });
  if (text > max) return wrong({ key: 'prompt.most', values: { most: max } });
  return { value: text };
}
