/** The user behind a credential of another party, which may name some users, never all. */
import type { Directory } from '../people/directory.ts';
import { foldName, type User } from '../people/user.ts';
import { nfkc } from '../values/normal-form.ts';

/** Longest name that is looked up, in characters. */
export const MAX_NAME = 255;

/** How a value of the credential names a user. */
export interface NameMapping {
  /** What the value begins with; the rest is the name. */
  readonly prefix: string;
  /** The user must be in one of these groups. */
  readonly memberOf: readonly string[];
  /** Default: the username. */
  readonly equals?: 'username' | 'email';
}

/** The name in a value; null if it does not begin with the prefix or is too long. */
export function nameIn(value: unknown, { prefix }: Pick<NameMapping, 'prefix'>): string | null {
  if (typeof value !== 'string' || value.length > MAX_NAME || !value.startsWith(prefix)) {
    return null;
  }
  return value.slice(prefix.length);
}

/**
 * The enabled user of this name, with these groups beside those of the directory; null if there is none.
 * Without `memberOf`, the operator wrote the name. Rejects with a Problem if a directory is down.
 */
export async function mappedUser(
  name: string | null,
  { memberOf, equals = 'username' }: Partial<NameMapping>,
  groups: readonly string[],
  directory: Pick<Directory, 'find'>,
): Promise<User | null> {
  // Folding would make one name of several that the other party distinguishes.
  if (name === null || name === '' || nfkc(name).trim() !== name) return null;
  const user = await directory.find(name, [equals]);
  if (user === null || user.disabled || !isNamed(user, name, equals)) return null;
  if (memberOf !== undefined && !memberOf.some((one) => user.groups.includes(one))) return null;
  return groups.length === 0
    ? user
    : { ...user, groups: [...new Set([...user.groups, ...groups])] };
}

/** An address that the user only claims is not a name. */
function isNamed(user: User, name: string, equals: 'username' | 'email'): boolean {
  if (equals === 'username') return foldName(user.name) === foldName(name);
  return user.emailVerified && foldName(user.email) === foldName(name);
}
