/**
 * Turns prompted values and an invitation into changes of a user. Pure. Returns null if a value
 * does not fit its target.
 */
import type { Json } from '../../core/values/json.ts';
import { isRecord } from '../../core/values/record.ts';
import type { UserChanges } from '../../core/people/directory.ts';
import { type Invited, passwordHash, promptKey } from '../../core/flow/prompted.ts';
import { foldName, type User } from '../../core/people/user.ts';
import type { Newcomer } from '../../core/sources/newcomer.ts';
import type { Options } from './options.ts';

type Learned = Readonly<Record<string, Json>>;
type Attributes = UserChanges['attributes'] & {};

export interface Written {
  readonly changes: UserChanges;
  readonly passwordHash: string | null;
}

/** `user` is the user to change, or null for a new one. Omitted values change nothing. */
export function changesOf(
  options: Options,
  learned: Learned,
  invited: Invited | null,
  user: User | null,
): Written | null {
  const texts: { name?: string; email?: string; displayName?: string } = {};
  let attributes: Attributes = {};
  let hash: string | null = null;
  for (const [target, prompted] of Object.entries(options.fields)) {
    const value = learned[promptKey(prompted)] ?? null;
    if (value === null) continue;
    const secret = passwordHash(value);
    // Passwords go to the password target only, and other values never do.
    if ((secret !== null) !== (target === 'password')) return null;
    if (secret !== null) hash = secret;
    else if (target.startsWith('attributes.')) {
      attributes = withValue(attributes, target.split('.').slice(1), value);
    } else {
      const text = TEXTS.get(target);
      if (text === undefined || typeof value !== 'string') return null;
      texts[text] = value;
    }
  }
  // The address in the invitation overrides the typed one.
  if (invited !== null && invited.email !== null) texts.email = invited.email;
  // The operator vouches for the invited address and for the first administrator's. Any other typed
  // address is unverified until its owner confirms an email sent there.
  const isVouched = invited !== null && (invited.email !== null || invited.isFirst);
  attributes = merged(attributes, invited?.attributes ?? {});
  const before = user?.groups ?? [];
  const groups = [...new Set([...before, ...options.groups, ...(invited?.groups ?? [])])];
  const changes: UserChanges = {
    ...texts,
    ...(isVouched && texts.email !== undefined ? { emailVerified: true } : {}),
    ...(groups.length > before.length ? { groups } : {}),
    ...(Object.keys(attributes).length === 0
      ? {}
      : { attributes: merged(user?.attributes ?? {}, attributes) }),
    ...(user === null && options.inactive ? { disabled: true } : {}),
  };
  return { changes, passwordHash: hash };
}

/**
 * The changes for the user of an account at a source: the address that the provider has verified, unless the
 * user entered another one, and no groups but those of the source.
 */
export function withNewcomer(changes: UserChanges, newcomer: Newcomer): UserChanges {
  const { groups: _groups, emailVerified: _verified, ...rest } = changes;
  const email = rest.email ?? newcomer.email;
  const isVerified = email !== null && newcomer.email !== null && isSame(email, newcomer.email);
  return {
    ...rest,
    ...(email === null ? {} : { email, emailVerified: isVerified }),
    ...(newcomer.groups.length === 0 ? {} : { groups: newcomer.groups }),
  };
}

function isSame(one: string, other: string): boolean {
  return foldName(one) === foldName(other);
}

/** The targets that are fields of a user. */
const TEXTS: ReadonlyMap<string, 'name' | 'email' | 'displayName'> = new Map([
  ['name', 'name'],
  ['email', 'email'],
  ['display_name', 'displayName'],
]);

function withValue(attributes: Attributes, path: readonly string[], value: Json): Attributes {
  const [key = '', ...rest] = path;
  if (rest.length === 0) return { ...attributes, [key]: value };
  const inner = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  return { ...attributes, [key]: withValue(isRecord(inner) ? inner : {}, rest, value) };
}

/** Merges the second into the first; other entries remain. */
function merged(first: Attributes, second: Attributes): Attributes {
  const entries = Object.entries(second).map(([key, value]): [string, Json] => {
    const before = Object.hasOwn(first, key) ? first[key] : undefined;
    return [key, isRecord(before) && isRecord(value) ? merged(before, value) : value];
  });
  return { ...first, ...Object.fromEntries(entries) };
}
