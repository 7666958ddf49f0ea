/** Claims of a provider: bounded JSON, and what it says of a user. */
import { isAddress } from '../core/flow/mail.ts';
import { MAX_CLAIMS, MAX_SUBJECT, sourceRefused } from '../core/sources/source.ts';
import type { Json } from '../core/values/json.ts';
import { isRecord, valueAt } from '../core/values/record.ts';

/** Claims as JSON values. */
export type Claims = Readonly<Record<string, Json>>;

/** Deepest nesting; real claims have three or four levels. */
const MAX_DEPTH = 16;
/** Most groups of a user, and the longest name. */
const MAX_GROUPS = 1000;
const MAX_GROUP = 128;
const MAX_NAME = 254;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** Which claim has which property of a user: a name, or a path such as `realm_access.roles`. */
export interface Fields {
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
  readonly emailVerified: string;
  readonly groups: string;
}

/** How an address counts as verified. */
export type EmailTrust = 'claim' | 'always' | 'never';

/** Claims within bounds. Problem `source/refused`. */
export function boundedClaims(value: unknown): Claims {
  if (!isRecord(value)) throw sourceRefused(new Error('the claims are no object'));
  // Not assigned one by one: a claim named `__proto__` would become the prototype, outside of the bound.
  const claims = Object.fromEntries(
    Object.entries(value).map(([name, claim]) => [name, boundedJson(claim, 1)]),
  );
  // Only now: an object that is too deep would overflow the stack here.
  if (Buffer.byteLength(JSON.stringify(claims)) > MAX_CLAIMS) {
    throw sourceRefused(new Error(`the claims have more than ${MAX_CLAIMS} bytes`));
  }
  return claims;
}

function boundedJson(value: unknown, depth: number): Json {
  if (depth > MAX_DEPTH) throw sourceRefused(new Error(`claims nested deeper than ${MAX_DEPTH}`));
  if (Array.isArray(value)) return value.map((item) => boundedJson(item, depth + 1));
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, boundedJson(item, depth + 1)]),
    );
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return value;
  throw sourceRefused(new Error('a claim is no JSON value'));
}

/** The claim with this name, or at this path: names can contain dots, as URLs do. */
export function claimAt(claims: Claims, path: string): unknown {
  return Object.hasOwn(claims, path) ? claims[path] : valueAt(claims, path.split('.'));
}

/** A permanent id: a text, or a whole number. Problem `source/refused`. */
export function subjectOf(value: unknown): string {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (!isText(text, MAX_SUBJECT)) {
    throw sourceRefused(new Error(`no subject of 1 to ${MAX_SUBJECT} characters`));
  }
  return text;
}

/** What claims say of a user, apart from its id. Values that cannot be used are null. */
export function detailsOf(claims: Claims, fields: Fields, trust: EmailTrust) {
  const address = claimAt(claims, fields.email);
  const email = typeof address === 'string' && isAddress(address) ? address : null;
  const isClaimed = TRUE.has(claimAt(claims, fields.emailVerified));
  const isVerified = trust === 'always' || (trust === 'claim' && isClaimed);
  return {
    email,
    emailVerified: email !== null && isVerified,
    username: textAt(claims, fields.username),
    displayName: textAt(claims, fields.displayName),
    groups: groupsOf(claimAt(claims, fields.groups)),
  };
}

/** Some providers write booleans as text (Apple) or as a number (`xms_edov`). */
const TRUE: ReadonlySet<unknown> = new Set([true, 'true', 1, '1']);

function textAt(claims: Claims, path: string): string | null {
  const value = claimAt(claims, path);
  const text = typeof value === 'string' ? value.trim() : value;
  return isText(text, MAX_NAME) ? text : null;
}

/** Names that are no text of ours are left out, since a shortened name may be another group. */
function groupsOf(value: unknown): readonly string[] | null {
  const names = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(names)) return null;
  if (names.length > MAX_GROUPS) {
    throw sourceRefused(new Error(`more than ${MAX_GROUPS} groups`));
  }
  return [...new Set(names.filter((name) => isText(name, MAX_GROUP)))];
}

/** Whether a value is printable text of 1 to `most` characters. */
export function isText(value: unknown, most: number): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= most && !UNPRINTABLE.test(value)
  );
}
