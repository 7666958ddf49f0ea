/**
 * Identity headers: which inbound names are reserved, and which values apps receive. Every reserved
 * name is removed from every request, whatever its spelling, before the values are set
 * (GHSA-vjrc-mh2v-45x6, GHSA-7r4p-vjf4-gxv4).
 */

import type { User } from '../people/user.ts';
import type { Json } from '../values/json.ts';

/** A reserved header and the source of its value. */
export interface IdentityHeader {
  /** As written in the configuration. */
  readonly name: string;
  /** The user's value; `''` if there is none. */
  readonly value: (user: User) => string;
}

/** All headers reserved for identity. */
export interface IdentityHeaders {
  readonly headers: readonly IdentityHeader[];
  /** Header for the signed assertion, or null. */
  readonly assertion: string | null;
  /** All names, folded by `foldHeader`. */
  readonly folded: ReadonlySet<string>;
  /** All names in lower case. */
  readonly lower: ReadonlySet<string>;
}

/**
 * A header name as CGI-like servers read it. They replace every character that is not a letter or
 * digit, so `Remote-User`, `remote_user`, `Remote!User` and `HTTP_REMOTE.USER` are the same name.
 */
export function foldHeader(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^http/, '');
}

/** Collects the headers and indexes their names. */
export function identityHeaders(
  headers: readonly IdentityHeader[],
  assertion: string | null,
): IdentityHeaders {
  const names = [...headers.map((h) => h.name), ...(assertion === null ? [] : [assertion])];
  return {
    headers,
    assertion,
    folded: new Set(names.map(foldHeader)),
    lower: new Set(names.map((name) => name.toLowerCase())),
  };
}

/** Whether an inbound header name is reserved, in any spelling. */
export function isManaged(identity: IdentityHeaders, name: string): boolean {
  return identity.folded.has(foldHeader(name));
}

/**
 * The headers for a user as a flat list of names and values. Without a user, all values are empty.
 */
export function identityValues(identity: IdentityHeaders, user: User | null): string[] {
  const flat: string[] = [];
  for (const header of identity.headers) {
    flat.push(header.name, user === null ? '' : header.value(user));
  }
  return flat;
}

/**
 * Returns a reader of header values for `user.name`, `user.id`, `user.email`, `user.email_verified`,
 * `user.display_name`, `user.groups` or `user.attributes.<name>`, and null for any other path. An
 * unverified address reads as empty unless `unverifiedEmail` is set, because a user can claim any
 * address.
 */
export function identitySource(
  path: string,
  options?: IdentityTextOptions,
): ((user: User) => string) | null {
  const text = identityText(path, options);
  return text === null ? null : (user) => headerValue(text(user));
}

/** How `identityText` reads. */
export interface IdentityTextOptions {
  /** Read addresses that the user only claims, too. */
  readonly unverifiedEmail: boolean;
}

/** The same as `identitySource`, but the reader returns the text itself, not yet fit for a header. */
export function identityText(
  path: string,
  { unverifiedEmail }: IdentityTextOptions = { unverifiedEmail: false },
): ((user: User) => string) | null {
  switch (path) {
    case 'user.id':
      return (user) => user.id;
    case 'user.name':
      return (user) => user.name;
    case 'user.email':
      return (user) => (user.emailVerified || unverifiedEmail ? user.email : '');
    case 'user.email_verified':
      return (user) => String(user.emailVerified);
    case 'user.display_name':
      return (user) => user.displayName;
    case 'user.groups':
      return (user) => listText(user.groups);
    default: {
      const attribute = /^user\.attributes\.([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1];
      if (attribute === undefined) return null;
      return ({ attributes }) => {
        const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
        if (Array.isArray(value)) return listText(value.map((item) => attributeText(item)));
        return value === undefined ? '' : attributeText(value);
      };
    }
  }
}

function attributeText(value: Json): string {
  // Includes null.
  return typeof value === 'object' ? '' : String(value);
}

/**
 * Comma-separated. Commas and percent signs within a member are encoded, so that no member reads as
 * two.
 */
function listText(members: readonly string[]): string {
  return members.map((m) => m.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',');
}

/**
 * A field value (RFC 9110 §5.5): UTF-8 bytes as latin-1, which is how node:http writes them. A text
 * with a control character becomes empty, so that no value can split a header.
 */
export function headerValue(text: string): string {
  if (hasControls(text)) return '';
  // eslint-disable-next-line no-control-regex
  if (/^[\u0020-\u007e]*$/.test(text)) return text.trim();
  return latin1(text.trim());
}

/** Whether a text contains a control character, which no header may. */
export function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text);
}

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text as characters. */
export function latin1(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) out += String.fromCharCode(byte);
  return out;
}
