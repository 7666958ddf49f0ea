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
 * Returns a reader for `user.name`, `user.id`, `user.email`, `user.email_verified`,
 * `user.display_name`, `user.groups` or `user.attributes.<name>`, and null for any other path. An
 * unverified address reads as empty unless `unverifiedEmail` is set, because a user can claim any
 * address.
 */
export function identitySource(
  path: string,
  { unverifiedEmail }: { readonly unverifiedEmail: boolean } = { unverifiedEmail: false },
): ((user: User) => string) | null {
  switch (path) {
    case 'user.id':
      return (user) => headerValue(user.id);
    case 'user.name':
      return (user) => headerValue(user.name);
    case 'user.email':
      return (user) => (user.emailVerified || unverifiedEmail ? headerValue(user.email) : '');
    case 'user.email_verified':
      return (user) => String(user.emailVerified);
    case 'user.display_name':
      return (user) => headerValue(user.displayName);
    case 'user.groups':
      return (user) => listValue(user.groups);
    default: {
      const attribute = /^user\.attributes\.([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1];
      if (attribute === undefined) return null;
      return ({ attributes }) => {
        const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
        return value === undefined ? '' : attributeValue(value);
      };
    }
  }
}

function attributeValue(value: Json): string {
  if (Array.isArray(value)) return listValue(value.map((item) => attributeText(item)));
  return headerValue(attributeText(value));
}

function attributeText(value: Json): string {
  // Includes null.
  return typeof value === 'object' ? '' : String(value);
}

/**
 * Comma-separated. Commas and percent signs within a member are encoded, so that no member reads as
 * two.
 */
function listValue(members: readonly string[]): string {
  return headerValue(members.map((m) => m.replaceAll('%', '%25').replaceAll(',', '%2C')).join(','));
}

/**
 * A field value (RFC 9110 §5.5): UTF-8 bytes as latin-1, which is how node:http writes them. A text
 * with a control character becomes empty, so that no value can split a header.
 */
function headerValue(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) return '';
  // eslint-disable-next-line no-control-regex
  if (/^[\u0020-\u007e]*$/.test(text)) return text.trim();
  return latin1(text.trim());
}

const encoder = new TextEncoder();

function latin1(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) out += String.fromCharCode(byte);
  return out;
}
