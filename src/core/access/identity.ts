/**
 * Identity headers: which inbound names are ours alone, and what we set. Every managed
 * name is removed on every outcome, whatever its spelling, before ours is written
 * (GHSA-vjrc-mh2v-45x6, GHSA-7r4p-vjf4-gxv4).
 */
import type { Json } from '../values/json.ts';
import type { User } from '../people/user.ts';

/** A header we own and how its value is found. */
export interface IdentityHeader {
  /** As written in the configuration. */
  readonly name: string;
  /** The value for somebody; `''` when there is none. */
  readonly value: (user: User) => string;
}

/** All headers Doorward owns towards an app. */
export interface IdentityHeaders {
  readonly headers: readonly IdentityHeader[];
  /** Header for the signed assertion, or null. */
  readonly assertion: string | null;
  /** Folded names of all of them. */
  readonly folded: ReadonlySet<string>;
  /** Their names as configured, lower case. */
  readonly lower: ReadonlySet<string>;
}

/**
 * A header name as CGI-like servers read it: they replace every character that is no letter or
 * digit, so `Remote-User`, `remote_user`, `Remote!User` and `HTTP_REMOTE.USER` are one.
 */
export function foldHeader(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^http/, '');
}

/** Builds the set from names and readers. */
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

/** Whether an inbound header name belongs to us under any spelling. */
export function isManaged(identity: IdentityHeaders, name: string): boolean {
  return identity.folded.has(foldHeader(name));
}

/** Our headers for somebody, or for nobody with empty values: each `[name, value]`, flat. */
export function identityValues(identity: IdentityHeaders, user: User | null): string[] {
  const flat: string[] = [];
  for (const header of identity.headers) {
    flat.push(header.name, user === null ? '' : header.value(user));
  }
  return flat;
}

/**
 * A reader for `user.name`, `user.id`, `user.email`, `user.email_verified`, `user.display_name`,
 * `user.groups` or `user.attributes.<name>`; null for any other path. An address that is not verified
 * reads as empty unless `unverifiedEmail`: anyone can claim anyone's.
 */
export function identitySource(
  path: string,
  unverifiedEmail = false,
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
      return (user) =>
        Object.hasOwn(user.attributes, attribute)
          ? attributeValue(user.attributes[attribute] as Json)
          : '';
    }
  }
}

function attributeValue(value: Json): string {
  if (Array.isArray(value)) return listValue(value.map((item) => attributeText(item)));
  return headerValue(attributeText(value));
}

function attributeText(value: Json): string {
  if (value === null || typeof value === 'object') return '';
  return String(value);
}

/** Joined with commas; a comma within a member is written `%2C`, so that no member becomes two. */
function listValue(members: readonly string[]): string {
  return headerValue(members.map((m) => m.replaceAll('%', '%25').replaceAll(',', '%2C')).join(','));
}

/**
 * A field value (RFC 9110 §5.5): UTF-8 bytes as latin-1, which is how node:http writes
 * them; empty when it holds a control character, since no split header may leave us.
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
