/**
 * Values of request fields that an operator wrote: fixed text, and placeholders such as `{user.name}`.
 * What a user's data contains is never searched for placeholders, and can never split a field.
 */
import type { User } from '../people/user.ts';
import type { FieldValue } from '../routes/messages.ts';
import {
  hasControls,
  headerValue,
  type IdentityTextOptions,
  identityText,
  latin1,
} from './identity.ts';

/** A compiled text. */
export interface Template {
  /** Null if there is no placeholder. */
  readonly fixed: string | null;
  /** The text for a user; null without a user, or if a placeholder has no value. */
  readonly fill: (user: User | null) => string | null;
}

/** Why a text is no template. */
export interface BadPlaceholder {
  /** The placeholder, without braces. */
  readonly unknown: string;
}

/** Every other brace is text: a value may be JSON. */
const PLACEHOLDER = /\{(user\.[^{}]*)\}/;

/** Compiles a text. Linear time. */
export function template(text: string, options: IdentityTextOptions): Template | BadPlaceholder {
  // Splitting by a group yields texts and placeholders in turn.
  const parts = text.split(PLACEHOLDER);
  const readers: ((user: User) => string)[] = [];
  for (const [index, part] of parts.entries()) {
    const isText = index % 2 === 0;
    const open = isText ? part.indexOf('{user.') : -1;
    const reader = isText ? () => part : identityText(part, options);
    if (open >= 0 || reader === null) return { unknown: part.slice(open + 1) };
    readers.push(reader);
  }
  if (parts.length === 1) return { fixed: text, fill: () => text };
  return {
    fixed: null,
    fill(user) {
      if (user === null) return null;
      const filled = readers.map((reader) => reader(user));
      const isWhole = filled.every((value, index) => index % 2 === 0 || value !== '');
      return isWhole ? filled.join('') : null;
    },
  };
}

/** The value of a field. */
export function fieldValue({ fill }: Template): FieldValue {
  return (user) => headerValue(fill(user) ?? '');
}

/**
 * The value of Authorization for Basic (RFC 7617 §2), UTF-8; empty without a user name or password, and
 * for a name with a colon, which would begin the password.
 */
export function basicValue(user: Template, password: Template): FieldValue {
  return (visitor) => {
    const [name, secret] = [user.fill(visitor), password.fill(visitor)];
    if (name === null || secret === null) return '';
    const pair = `${name}:${secret}`;
    if (name === '' || name.includes(':') || hasControls(pair)) return '';
    return `Basic ${btoa(latin1(pair))}`;
  };
}
