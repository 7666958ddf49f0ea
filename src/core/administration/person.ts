/** The user that an operator names: a user of any directory, or the ID of a deleted one. */
import type { Directory } from '../people/directory.ts';
import type { User } from '../people/user.ts';

/** A user, or what is left of a deleted one. */
export interface Person {
  /** `User.id`. */
  readonly id: string;
  /** The username; the ID of a deleted user. */
  readonly name: string;
  /** Null if the user was deleted. */
  readonly user: User | null;
}

/** Finds a user by username, email address or ID. Null if no user can be meant. */
export async function findPerson(
  directory: Pick<Directory, 'find' | 'read'>,
  login: string,
): Promise<Person | null> {
  const user =
    (await directory.find(login, ['username', 'email'])) ?? (await directory.read(login));
  if (user !== null) return { id: user.id, name: user.name, user };
  // Data and sessions of a deleted user can still be found by ID.
  return login.includes('/') ? { id: login, name: login, user: null } : null;
}
