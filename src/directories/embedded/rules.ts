/** Which users may be created, and which changes made. Everything else is a Problem; nothing is written here. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { NewUser, NewUserChanges, UserChanges } from '../../core/people/directory.ts';
import { foldName, type User } from '../../core/people/user.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Steps } from '../../database/sql.ts';
import { readChanges } from './limits.ts';
import { readNewName, type Usernames } from './new-name.ts';
import { type StoredUser, users } from './users.ts';

/** Changes that include a name. */
export type NamedChanges = UserChanges & { readonly name: string };

/** The rules of one directory. Their steps belong into the transaction that follows them. */
export interface UserRules {
  /** The user to create; whether the name is free is not checked. */
  newUser(given: NewUser): User;
  /** The stored user. Problem `user/unknown`. */
  known(id: string): Steps<StoredUser>;
  /**
   * The same with the name as it is stored. Problems `user/name`, `user/name-alike`. Existing names are
   * kept as they are, so stricter rules lock no user out.
   */
  named<U extends NamedChanges>(user: U, id: string | null): Steps<U>;
  /** The user after checked changes, with everything that follows from them. */
  changed(before: User, checked: UserChanges): Steps<User>;
  /**
   * Problem `user/exists`. A name may not be another user's address either: a login must mean one user. Several
   * users may claim an unverified address, but not while it is the verified address of another user.
   */
  checkFree(user: User, before: User | null): Steps<void>;
  /** Problem `user/password`. */
  checkPassword(hash: string | null, setAt: number | null): void;
}

/** The rules. */
export function userRules(
  { random, passwords }: Pick<AdapterTools, 'random' | 'passwords'>,
  allowedNames: Usernames,
): UserRules {
  function checkPassword(hash: string | null, setAt: number | null): void {
    if (hash !== null && !passwords.isHash(hash)) {
      throw rejected('user/password', 'This is not a password hash that Doorward supports.');
    }
    if (setAt !== null && !Number.isSafeInteger(setAt)) {
      throw rejected('user/password', 'This is not a time at which a password was set.');
    }
  }
  function newUser({ user, passwordHash, setAt }: NewUser): User {
    const given = readNamed(user);
    checkPassword(passwordHash, setAt);
    return {
      id: readId(user) ?? `embedded/${random.token(16)}`,
      name: given.name,
      displayName: given.displayName || given.name,
      email: given.email ?? '',
      emailVerified: (given.email ?? '') !== '' && given.emailVerified === true,
      groups: given.groups ?? [],
      attributes: given.attributes ?? {},
      disabled: given.disabled ?? false,
      passwordSetAt: passwordHash === null ? null : setAt,
    };
  }
  function* named<U extends NamedChanges>(user: U, id: string | null): Steps<U> {
    const address = user.emailVerified === true ? (user.email ?? '') : '';
    const name = readNewName(user.name, address, allowedNames);
    const alike = yield* users.nameAlike(name, id ?? '');
    if (alike === null) return { ...user, name };
    throw new Problem(
      'user/name-alike',
      `The username ${name} could be mistaken for ${alike}, which exists.`,
      { status: 409 },
    );
  }
  function* changed(before: User, checked: UserChanges): Steps<User> {
    const { name = before.name } = checked;
    const after: User = {
      ...before,
      ...checked,
      displayName: (checked.displayName ?? before.displayName) || name,
      emailVerified: isVerified(before, checked),
    };
    yield* checkFree(after, before);
    return foldName(name) === foldName(before.name) ? after : yield* named(after, before.id);
  }
  return { newUser, known, named, changed, checkFree, checkPassword };
}

/** The id that was chosen for a new user, if one was: 128 bits, as our own have. */
function readId({ newId: id }: NewUserChanges): string | null {
  if (id === undefined) return null;
  if (/^embedded\/[A-Za-z0-9_-]{22}$/.test(id)) return id;
  throw rejected('user/id', 'This is not an id for a user of this directory.');
}

/** Checked changes with a name; see `readChanges`. */
export function readNamed(user: NamedChanges): NamedChanges {
  const { name = '', ...rest } = readChanges(user);
  return { ...rest, name };
}

function* known(id: string): Steps<StoredUser> {
  const stored = yield* users.byId(id);
  if (stored !== null) return stored;
  throw new Problem('user/unknown', 'There is no such user.', { status: 404 });
}

function* checkFree(user: User, before: User | null): Steps<void> {
  const isNewlyVerified = user.emailVerified && before?.emailVerified !== true;
  const logins = [
    { login: user.name, was: before?.name },
    { login: user.email, was: isNewlyVerified ? undefined : before?.email },
  ];
  for (const { login, was } of logins) {
    const folded = foldName(login);
    if (folded === '' || (was !== undefined && foldName(was) === folded)) continue;
    if (yield* users.isTaken(folded, user.id)) {
      throw new Problem('user/exists', `Another user has the name or address ${login}.`, {
        status: 409,
      });
    }
  }
}

/** A verified address stays verified; a new one is verified only if the change says so. */
function isVerified(before: User, { email, emailVerified }: UserChanges): boolean {
  if ((email ?? before.email) === '') return false;
  const isSame = email === undefined || foldName(email) === foldName(before.email);
  return emailVerified ?? (isSame && before.emailVerified);
}

function rejected(code: string, message: string): Problem {
  return new Problem(code, message, { status: 400 });
}
