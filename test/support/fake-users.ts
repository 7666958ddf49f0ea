/** A fake directory that can be changed: what flows write to. Hashes are stored as given. */
import type { WritableDirectory } from '../../src/core/people/directory.ts';
import { Problem } from '../../src/core/values/problem.ts';
import { type FakeDirectory, testUser } from './fakes.ts';

/** The directory with write access; `hashes` by user id. */
export interface FakeUsers extends WritableDirectory {
  readonly hashes: Map<string, string | null>;
  /** When set, every write rejects with it. */
  writeFault: Error | null;
}

/** Writes into `directory`, so that other readers see it. */
export function fakeUsers(directory: FakeDirectory): FakeUsers {
  const hashes = new Map<string, string | null>();
  const known = async (id: string) => {
    if (users.writeFault !== null) throw users.writeFault;
    const user = await directory.read(id);
    if (user === null) throw new Problem('user/unknown', 'No such user.', { status: 404 });
    return user;
  };
  const users: FakeUsers = {
    name: directory.name,
    find: (login, by) => directory.find(login, by),
    read: (id) => directory.read(id),
    verifyPassword: (id, password) => directory.verifyPassword(id, password),
    isEmpty: () => directory.isEmpty(),
    watch: (listener) => directory.watch(listener),
    freshFor: () => directory.freshFor(),
    close: () => directory.close(),
    hashes,
    writeFault: null,
    async create({ newId, ...changes }, passwordHash, setAt = null) {
      if (users.writeFault !== null) throw users.writeFault;
      if ((await directory.find(changes.name, ['username'])) !== null) {
        throw new Problem('user/exists', 'The name is taken.', { status: 409 });
      }
      const user = {
        id: newId ?? `${directory.name}/${changes.name}`,
        displayName: changes.name,
        email: '',
        emailVerified: false,
        groups: [],
        attributes: {},
        disabled: false,
        ...changes,
        passwordSetAt: setAt,
      };
      directory.put(user);
      hashes.set(user.id, passwordHash);
      return user;
    },
    createAll: (all, { isTrial = false } = {}) =>
      Promise.all(
        all.map(({ user, passwordHash, setAt }) =>
          isTrial
            ? Promise.resolve(testUser(user))
            : users.create(user, passwordHash, setAt).catch((caught: unknown) => {
                if (caught instanceof Problem) return caught;
                throw caught;
              }),
        ),
      ),
    async update(id, changes) {
      const before = await known(id);
      const isNew = changes.email !== undefined && changes.email !== before.email;
      const user = { ...before, ...(isNew ? { emailVerified: false } : {}), ...changes };
      directory.put(user);
      return user;
    },
    async setPassword(id, passwordHash) {
      await known(id);
      hashes.set(id, passwordHash);
      directory.announce(id);
    },
    async delete(id) {
      await known(id);
      directory.remove(id);
    },
    list: () => Promise.resolve([]),
  };
  return users;
}
