import { describe, expect, it } from 'vitest';
import { fakeDirectory, testUser } from '../../../test/support/fakes.ts';
import type { NewUser, UserChanges, WritableDirectory } from '../people/directory.ts';
import type { User } from '../people/user.ts';
import { Problem } from '../values/problem.ts';
import { type Imported, importUsers, type UserEntry } from './import-users.ts';

const TAKEN = new Problem('user/exists', 'the name is taken', { status: 409 });

/** A writable directory; `writes` records the calls that change it. */
function fakeUsers(...users: readonly User[]) {
  const directory = fakeDirectory(...users);
  const writes: string[] = [];
  const names = new Set(users.map(({ name }) => name));
  return {
    ...directory,
    writes,
    async create(
      { name }: UserChanges & { name: string },
      hash: string | null,
      setAt?: number | null,
    ) {
      if (names.has(name)) throw TAKEN;
      names.add(name);
      writes.push(`create ${name} ${hash} ${setAt}`);
      const user = testUser({ id: `fake/${name}`, name });
      directory.put(user);
      return user;
    },
    async update(id: string, { email }: UserChanges) {
      writes.push(`update ${id} ${email}`);
      return testUser({ id });
    },
    async setPassword(id: string, hash: string, setAt?: number | null) {
      writes.push(`password ${id} ${hash} ${setAt}`);
    },
    delete: () => Promise.reject(new Error('an import deletes no user')),
    list: () => Promise.resolve([]),
  };
}

function entryOf(name: string, changes: Partial<UserEntry['user']> = {}): UserEntry {
  return { user: { name, ...changes }, passwordHash: `hash-of-${name}` };
}

/** The results, one list for each batch. */
async function batches(
  users: WritableDirectory,
  entries: readonly UserEntry[],
  mayUpdate = false,
): Promise<readonly (readonly Imported[])[]> {
  const all: (readonly Imported[])[] = [];
  for await (const batch of importUsers(users, entries, { mayUpdate })) all.push(batch);
  return all;
}

describe('importing users', () => {
  it('adds new ones with their hash and its age, and reports them in order', async () => {
    const users = fakeUsers();
    const plain: UserEntry = { user: { name: 'carol' }, passwordHash: null };
    const [results] = await batches(users, [entryOf('bob', { passwordSetAt: 7 }), plain]);
    expect(results).toEqual([
      { kind: 'added', name: 'bob', hasPassword: true, warning: null },
      { kind: 'added', name: 'carol', hasPassword: false, warning: null },
    ]);
    expect(users.writes).toEqual(['create bob hash-of-bob 7', 'create carol null null']);
  });

  it('skips existing ones and writes nothing, so that a second run changes nothing', async () => {
    const users = fakeUsers();
    await batches(users, [entryOf('bob'), entryOf('carol')]);
    const before = [...users.writes];
    expect(await batches(users, [entryOf('bob'), entryOf('carol')])).toEqual([
      [
        { kind: 'skipped', name: 'bob' },
        { kind: 'skipped', name: 'carol' },
      ],
    ]);
    expect(users.writes).toEqual(before);
  });

  it('updates existing ones on request, with their password if the entry has one', async () => {
    const users = fakeUsers(testUser());
    const entry = entryOf('ann', { email: 'ann@new.example' });
    const [results] = await batches(users, [entry, { ...entry, passwordHash: null }], true);
    const updated = { kind: 'updated', name: 'ann', id: 'fake/ann' };
    expect(results).toEqual([updated, updated]);
    expect(users.writes).toEqual([
      'update fake/ann ann@new.example',
      'password fake/ann hash-of-ann null',
      'update fake/ann ann@new.example',
    ]);
  });

  it('keeps the order of results where new and existing users alternate', async () => {
    const users = fakeUsers(testUser(), testUser({ id: 'fake/eve', name: 'eve' }));
    const [results] = await batches(
      users,
      ['bob', 'ann', 'carol', 'eve'].map((n) => entryOf(n)),
    );
    expect(results?.map(({ kind, name }) => [kind, name])).toEqual([
      ['added', 'bob'],
      ['skipped', 'ann'],
      ['added', 'carol'],
      ['skipped', 'eve'],
    ]);
  });

  it.each(['one by one', 'together'])(
    'refuses the second of two with the same name, and adds the rest (%s)',
    async (how) => {
      const users = fakeUsers();
      const createAll = (all: readonly NewUser[]) =>
        Promise.all(
          all.map(({ user, passwordHash, setAt }) =>
            users.create(user, passwordHash, setAt).catch((caught: unknown) => {
              if (caught instanceof Problem) return caught;
              throw caught;
            }),
          ),
        );
      const directory = how === 'together' ? { ...users, createAll } : users;
      const [results] = await batches(
        directory,
        ['bob', 'bob', 'carol'].map((n) => entryOf(n)),
      );
      expect(results).toEqual([
        { kind: 'added', name: 'bob', hasPassword: true, warning: null },
        { kind: 'refused', name: 'bob', reason: 'the name is taken' },
        { kind: 'added', name: 'carol', hasPassword: true, warning: null },
      ]);
    },
  );

  it('refuses an update that the directory refuses, and continues', async () => {
    const users = fakeUsers(testUser());
    const strict = { ...users, update: () => Promise.reject(TAKEN) };
    const [results] = await batches(strict, [entryOf('ann'), entryOf('bob')], true);
    expect(results).toEqual([
      { kind: 'refused', name: 'ann', reason: 'the name is taken' },
      { kind: 'added', name: 'bob', hasPassword: true, warning: null },
    ]);
    expect(users.writes).toEqual(['create bob hash-of-bob null']);
  });

  it('warns about a name that no new user could have, and adds the user', async () => {
    const alike = new Problem('user/name-alike', 'looks like another', { status: 409 });
    const users = { ...fakeUsers(), checkName: () => Promise.reject(alike) };
    expect(await batches(users, [entryOf('b0b')])).toEqual([
      [{ kind: 'added', name: 'b0b', hasPassword: true, warning: 'looks like another' }],
    ]);
  });

  it.each([
    ['another Problem', new Problem('directory/unavailable', 'down', { status: 503 })],
    ['any other fault', new Error('disk full')],
  ])('stops at %s of the directory', async (_, fault) => {
    const users = { ...fakeUsers(), create: () => Promise.reject(fault) };
    await expect(batches(users, [entryOf('bob')])).rejects.toBe(fault);
  });

  it.each([
    [0, []],
    [1_000, [1_000]],
    [1_001, [1_000, 1]],
  ])('reports %i users in batches of at most 1000', async (count, sizes) => {
    const entries = Array.from({ length: count }, (_, at) => entryOf(`user${at}`));
    const found = await batches(fakeUsers(), entries);
    expect(found.map(({ length }) => length)).toEqual(sizes);
  });

  it('recognizes in a later batch a user that an earlier one added', async () => {
    const entries = Array.from({ length: 1_000 }, (_, at) => entryOf(`user${at}`));
    const found = await batches(fakeUsers(), [...entries, entryOf('user0')]);
    expect(found[1]).toEqual([{ kind: 'skipped', name: 'user0' }]);
  });

  it('writes nothing before its results are read', () => {
    const users = fakeUsers();
    importUsers(users, [entryOf('bob')], { mayUpdate: false });
    expect(users.writes).toEqual([]);
  });
});
