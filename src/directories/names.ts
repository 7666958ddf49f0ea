/**
 * Which directory knows a name or an address. Names are unique over all directories: apps know
 * users by name and address alone, so two users who share one would be the same user to them.
 */
import type { Directory, NewUser, WritableDirectory } from '../core/people/directory.ts';
import { Problem } from '../core/values/problem.ts';
import { foldName, type User } from '../core/people/user.ts';

const BOTH = ['username', 'email'] as const;

/** Whether a name or verified address belongs to any user of a directory, or to several of them. */
export async function isKnown(directory: Directory, login: string): Promise<boolean> {
  return directory.knows?.(login) ?? (await directory.find(login, BOTH)) !== null;
}

/** What a user may be taken for: the name, and the address if it is verified. */
export function loginsOf(user: Pick<User, 'name' | 'email' | 'emailVerified'>): readonly string[] {
  return [user.name, user.emailVerified ? user.email : ''].filter((login) => login !== '');
}

/** The first of some directories that knows a name or address of a user; null if none does. */
export async function findNamesake(
  user: Pick<User, 'name' | 'email' | 'emailVerified'>,
  directories: readonly Directory[],
): Promise<Directory | null> {
  for (const directory of directories) {
    for (const login of loginsOf(user)) if (await isKnown(directory, login)) return directory;
  }
  return null;
}

function taken({ name }: Directory): Problem {
  return new Problem('user/exists', `The directory ${name} has a user with this name or address.`, {
    status: 409,
  });
}

/** Refuses a new name that could be mistaken for one of other directories. */
async function checkUnlike(name: string, others: readonly Directory[]): Promise<void> {
  for (const directory of others) {
    const alike = (await directory.findAlike?.(name)) ?? null;
    if (alike === null) continue;
    throw new Problem(
      'user/name-alike',
      `The username ${name} could be mistaken for ${alike} of the directory ${directory.name}.`,
      { status: 409 },
    );
  }
}

/** The entry, unless another directory knows its name or address. */
async function orTaken(entry: NewUser, others: readonly Directory[]): Promise<NewUser | Problem> {
  const { name, email = '' } = entry.user;
  const namesake = await findNamesake({ name, email, emailVerified: true }, others);
  return namesake === null ? entry : taken(namesake);
}

/** New users compared with other directories at a time: an LDAP server is not asked about hundreds at once. */
const AT_ONCE = 8;

/** The directory that can be written, refusing names and addresses that any other one knows. */
export function guardNames(
  users: WritableDirectory,
  directories: readonly Directory[],
): WritableDirectory {
  const others = directories.filter((directory) => directory !== users);
  if (others.length === 0) return users;
  async function checkFree(changes: { readonly name?: string; readonly email?: string }) {
    const { name = '', email = '' } = changes;
    // An address counts before it is verified too: it would be another user's afterwards.
    const namesake = await findNamesake({ name, email, emailVerified: true }, others);
    if (namesake === null) return;
    throw taken(namesake);
  }
  async function checkNew(name: string | undefined, id: string | null): Promise<void> {
    if (name === undefined) return;
    const before = id === null ? null : await users.read(id);
    if (before === null || foldName(before.name) !== foldName(name))
      await checkUnlike(name, others);
  }
  const createAll: WritableDirectory['createAll'] = async (entries, options) => {
    const checked: (NewUser | Problem)[] = [];
    for (let at = 0; at < entries.length; at += AT_ONCE) {
      checked.push(
        ...(await Promise.all(
          entries.slice(at, at + AT_ONCE).map((entry) => orTaken(entry, others)),
        )),
      );
    }
    const free = checked.filter((one): one is NewUser => !(one instanceof Problem));
    const made = (await users.createAll(free, options)).values();
    return checked.map((one) => {
      const result = one instanceof Problem ? one : made.next().value;
      if (result === undefined)
        throw new TypeError(`${users.name} returned fewer users than given`);
      return result;
    });
  };
  return {
    ...users,
    createAll,
    async checkName(user, id) {
      await checkNew(user.name, id);
      await users.checkName?.(user, id);
    },
    async create(user, passwordHash, setAt) {
      await checkFree(user);
      await checkNew(user.name, null);
      return users.create(user, passwordHash, setAt);
    },
    async update(id, changes) {
      await checkFree(changes);
      await checkNew(changes.name, id);
      // An address may have become another user's since it was given.
      if (changes.emailVerified === true && changes.email === undefined) {
        await checkFree({ email: (await users.read(id))?.email ?? '' });
      }
      return users.update(id, changes);
    },
  };
}
