/**
 * Identity headers: which inbound names are reserved, and which values apps receive. Every reserved
 * name is removed from every request, whatever its spelling, before the values are set
 * (GHSA-vjrc-mh2v-45x6, GHSA-7r4p-vjf4-gxv4).
 */

import type { IdentityHeaders } from '../people/identity.ts';
import type { User } from '../people/user.ts';
import type { Json } from '../values/json.ts';

/** The names that only Doorward sets, on every route and whatever the route itself sends. */
export interface ReservedNames {
  /** Identity headers as written in the configuration, each once. */
  readonly names: readonly string[];
  /**
   * The field in which trusted peers name the client, as written in the configuration; null if they
   * use X-Forwarded-For.
   */
  readonly clientField: string | null;
  /** The field in which trusted peers pass client certificates on, as written; null for none. */
  readonly certificateField: string | null;
  /** Identity headers and these fields, folded by `foldHeader`. */
  readonly folded: ReadonlySet<string>;
  /** The same in lower case. */
  readonly lower: ReadonlySet<string>;
}

type ProxyFields = Pick<ReservedNames, 'clientField' | 'certificateField'>;

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

/** The names of all headers of a route. */
export function namesOf({ headers, assertions }: IdentityHeaders): readonly string[] {
  return [...headers.map(({ name }) => name), ...assertions];
}

/** Collects and indexes the names of all routes, and the fields in which trusted peers describe the client. */
export function reservedNames(
  identities: Iterable<IdentityHeaders>,
  { clientField = null, certificateField = null }: Partial<ProxyFields> = {},
): ReservedNames {
  const names = new Map<string, string>();
  for (const identity of identities) {
    for (const name of namesOf(identity)) {
      if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    }
  }
  const lower = new Set(names.keys());
  for (const field of [clientField, certificateField]) {
    if (field !== null) lower.add(field.toLowerCase());
  }
  return {
    names: [...names.values()],
    clientField,
    certificateField,
    folded: new Set([...lower].map(foldHeader)),
    lower,
  };
}

/** Whether an inbound header name is reserved, in any spelling. */
export function isReserved({ folded }: ReservedNames, name: string): boolean {
  return folded.has(foldHeader(name));
}

/**
 * The headers for a user as a flat list of names and values, without assertions. Without a user, all
 * values are empty.
 */
export function identityValues(identity: IdentityHeaders, user: User | null): string[] {
  const flat: string[] = [];
  for (const header of identity.headers) {
    flat.push(header.name, user === null ? '' : header.value(user));
  }
  return flat;
}

/** How apps read a list in one header. */
export interface ListFormat {
  readonly separator: string;
  /** Characters that separate or quote members for some app, beside `%`. Written as `%XX`. */
  readonly encoded: RegExp;
}

/** `a,b`: what most apps read. */
export const COMMAS: ListFormat = { separator: ',', encoded: /[%,]/g };

/** `a|b`. */
export const PIPES: ListFormat = { separator: '|', encoded: /[%|]/g };

/** `a,b` for apps that also split at blanks and read a JSON list. */
export const COMMAS_OR_BLANKS: ListFormat = { separator: ',', encoded: /[%,[\u0085\p{Z}]/gu };

/**
 * Longest value of one header, in bytes. Many servers accept 8 or 16 KiB of headers in all, and the
 * assertion contains the groups again.
 */
const MAX_VALUE_BYTES = 4096;

/**
 * Returns a reader of header values for `user.name`, `user.id`, `user.email`, `user.email_verified`,
 * `user.display_name`, `user.groups` or `user.attributes.<name>`, and null for any other path. An
 * unverified address reads as empty unless `unverifiedEmail` is set, because a user can claim any
 * address. A text beyond 4,096 bytes reads as empty.
 */
export function identitySource(
  path: string,
  options?: IdentityTextOptions,
): ((user: User) => string) | null {
  const text = identityText(path, options);
  if (text === null) return null;
  return (user) => {
    const value = headerValue(text(user));
    return value.length > MAX_VALUE_BYTES ? '' : value;
  };
}

/** How `identityText` reads. */
export interface IdentityTextOptions {
  /** Read addresses that the user only claims, too. */
  readonly unverifiedEmail: boolean;
  /** Default: `COMMAS`. */
  readonly list?: ListFormat;
}

/** The same as `identitySource`, but the reader returns the text itself, not yet fit for a header. */
export function identityText(
  path: string,
  { unverifiedEmail, list = COMMAS }: IdentityTextOptions = { unverifiedEmail: false },
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
      return (user) => listText(user.groups, list);
    default: {
      const attribute = /^user\.attributes\.([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1];
      if (attribute === undefined) return null;
      return ({ attributes }) => {
        const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
        if (Array.isArray(value)) {
          const members = value.map((item) => attributeText(item));
          return listText(members, list);
        }
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
 * The members in one text. What separates them is encoded within a member, so that no member reads
 * as two. The members that do not fit are left out: with fewer groups, a user may do less.
 */
function listText(members: readonly string[], { separator, encoded }: ListFormat): string {
  const written = members.map((member) => member.replace(encoded, encodeURIComponent));
  return fitting(written, separator.length).join(separator);
}

/** The first groups whose names fill a header, for the assertion: it is in a header, too. */
export function boundedGroups({ groups }: User): readonly string[] {
  return fitting(groups, 1);
}

/** The first members that fit into `MAX_VALUE_BYTES` with `between` bytes after each. */
function fitting(members: readonly string[], between: number): readonly string[] {
  let bytes = 0;
  const end = members.findIndex((member) => {
    bytes += encoder.encode(member).length + between;
    return bytes - between > MAX_VALUE_BYTES;
  });
  return end === -1 ? members : members.slice(0, end);
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
