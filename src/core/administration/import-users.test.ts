import { describe, expect, it } from 'vitest';
import { fakeAccounts, testAuthenticator } from '../../../test/support/fake-accounts.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeRandom,
  START,
  testUser,
} from '../../../test/support/fakes.ts';
import type { NewUser, UserChanges, WritableDirectory } from '../people/directory.ts';
import type { User } from '../people/user.ts';
import { Problem } from '../values/problem.ts';
import { type Imported, importUsers, type UserEntry } from './import-users.ts';
import type { ImportedFactor } from './imported-factor.ts';

const TAKEN = new Problem('user/exists', 'the name is taken', { status: 409 });

/** A writable directory; `writes` records the calls that change it. */
function fakeUsers(...users: readonly User[]) {
  const directory = fakeDirectory(...users);
  const writes: string[] = [];
  const names = new Set(users.map(({ name }) => name));
  return {
    ...directory,
    writes,
    create: () => Promise.reject(new Error('an import creates users together')),
    async createAll(
      all: readonly NewUser[],
      { isTrial = false } = {},
    ): Promise<readonly (User | Problem)[]> {
      return all.map(({ user: { name, newId }, passwordHash, setAt }) => {
        if (names.has(name)) return TAKEN;
        const user = testUser({ id: newId ?? `fake/${name}`, name });
        if (isTrial) return user;
        names.add(name);
        writes.push(`create ${name} ${passwordHash} ${setAt}`);
        directory.put(user);
        return user;
      });
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
  { mayUpdate = false, isTrial = false, accounts = fakeAccounts() } = {},
): Promise<readonly (readonly Imported[])[]> {
  const all: (readonly Imported[])[] = [];
  const parts = { users, accounts, random: fakeRandom(), clock: fakeClock() };
  for await (const batch of importUsers(parts, entries, { mayUpdate, isTrial })) all.push(batch);
  return all;
}

const added = (entry: UserEntry, warning: string | null = null): Imported => ({
  kind: 'added',
  name: entry.user.name,
  entry,
  warning,
});

describe('importing users', () => {
  it('adds new ones with their hash and its age, and reports them in order', async () => {
    const users = fakeUsers();
    const plain: UserEntry = { user: { name: 'carol' }, passwordHash: null };
    const [results] = await batches(users, [entryOf('bob', { passwordSetAt: 7 }), plain]);
    expect(results).toEqual([added(entryOf('bob', { passwordSetAt: 7 })), added(plain)]);
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
    const bare = { ...entry, passwordHash: null };
    const [results] = await batches(users, [entry, bare], { mayUpdate: true });
    const updated = { kind: 'updated', name: 'ann', id: 'fake/ann' };
    expect(results).toEqual([
      { ...updated, entry },
      { ...updated, entry: bare },
    ]);
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

  it('refuses the second of two with the same name, and adds the rest', async () => {
    const [results] = await batches(
      fakeUsers(),
      ['bob', 'bob', 'carol'].map((n) => entryOf(n)),
    );
    expect(results).toEqual([
      added(entryOf('bob')),
      { kind: 'refused', name: 'bob', reason: 'the name is taken' },
      added(entryOf('carol')),
    ]);
  });

  it('refuses an update that the directory refuses, and continues', async () => {
    const users = fakeUsers(testUser());
    const strict = { ...users, update: () => Promise.reject(TAKEN) };
    const both = [entryOf('ann'), entryOf('bob')];
    const [results] = await batches(strict, both, { mayUpdate: true });
    expect(results).toEqual([
      { kind: 'refused', name: 'ann', reason: 'the name is taken' },
      added(entryOf('bob')),
    ]);
    expect(users.writes).toEqual(['create bob hash-of-bob null']);
  });

  it('warns about a name that no new user could have, and adds the user', async () => {
    const alike = new Problem('user/name-alike', 'looks like another', { status: 409 });
    const users = { ...fakeUsers(), checkName: () => Promise.reject(alike) };
    expect(await batches(users, [entryOf('b0b')])).toEqual([
      [added(entryOf('b0b'), 'looks like another')],
    ]);
  });

  it.each([
    ['another Problem', new Problem('directory/unavailable', 'down', { status: 503 })],
    ['any other fault', new Error('disk full')],
  ])('stops at %s of the directory', async (_, fault) => {
    const users = { ...fakeUsers(), createAll: () => Promise.reject(fault) };
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
    const parts = { users, accounts: fakeAccounts(), random: fakeRandom(), clock: fakeClock() };
    importUsers(parts, [entryOf('bob')], { mayUpdate: false, isTrial: false });
    expect(users.writes).toEqual([]);
  });
});

function withFactors(name: string, ...factors: ImportedFactor[]): UserEntry {
  return { ...entryOf(name), factors };
}

describe('importing second factors', () => {
  const totp: ImportedFactor = {
    kind: 'totp',
    name: 'Phone',
    createdAt: null,
    lastUsedAt: null,
    handle: '',
    data: { secret: 'JBSWY3DPEHPK3PXP', digits: 6, period: 30, algorithm: 'SHA1' },
  };
  const passkey: ImportedFactor = { ...totp, kind: 'webauthn', handle: 'credential', data: {} };

  it('stores them for the new user', async () => {
    const users = fakeUsers();
    const accounts = fakeAccounts();
    await batches(users, [entryOf('bob'), withFactors('carol', totp)], { accounts });
    const carol = await users.find('carol', ['username']);
    expect(accounts.all.authenticators).toMatchObject([
      { ...totp, userId: carol?.id, createdAt: START },
    ]);
  });

  it('creates no user before its second factors are stored', async () => {
    const users = fakeUsers();
    const accounts = fakeAccounts();
    accounts.addAuthenticators = () => Promise.reject(new Error('disk full'));
    await expect(batches(users, [withFactors('bob', totp)], { accounts })).rejects.toThrow(
      'disk full',
    );
    expect(users.writes).toEqual([]);
  });

  it('forgets those of a user that the directory refuses', async () => {
    const accounts = fakeAccounts();
    const entries = [entryOf('bob'), withFactors('bob', totp)];
    const [results] = await batches(fakeUsers(), entries, { accounts });
    expect(results?.map(({ kind }) => kind)).toEqual(['added', 'refused']);
    expect(accounts.all.authenticators).toEqual([]);
  });

  it('refuses a user with a passkey of another user, with all factors', async () => {
    const users = fakeUsers(testUser());
    const accounts = fakeAccounts([
      testAuthenticator({ kind: 'webauthn', handle: 'credential', data: {} }),
    ]);
    const entries = [withFactors('bob', totp, passkey), entryOf('carol')];
    const [results] = await batches(users, entries, { accounts });
    expect(results?.map(({ kind }) => kind)).toEqual(['refused', 'added']);
    expect(accounts.all.authenticators.map(({ userId }) => userId)).toEqual(['fake/ann']);
  });

  it('never takes the passkey of a user of another directory', async () => {
    const theirs = testAuthenticator({
      userId: 'ldap/eve',
      kind: 'webauthn',
      handle: 'credential',
      data: {},
    });
    const accounts = fakeAccounts([theirs]);
    const [results] = await batches(fakeUsers(), [withFactors('bob', passkey)], { accounts });
    expect(results?.map(({ kind }) => kind)).toEqual(['refused']);
    expect(accounts.all.authenticators).toEqual([theirs]);
  });

  it('replaces what an interrupted import left behind', async () => {
    const accounts = fakeAccounts([
      testAuthenticator({ userId: 'fake/lost', kind: 'webauthn', handle: 'credential', data: {} }),
    ]);
    const users = fakeUsers();
    await batches(users, [withFactors('bob', passkey)], { accounts });
    const bob = await users.find('bob', ['username']);
    expect(accounts.all.authenticators.map(({ userId }) => userId)).toEqual([bob?.id]);
  });

  it('never restores them on a second run', async () => {
    const accounts = fakeAccounts();
    await batches(fakeUsers(testUser()), [withFactors('ann', totp)], { accounts });
    expect(accounts.writes).toEqual([]);
  });

  it('replaces those of the same kind on an update', async () => {
    const accounts = fakeAccounts([
      testAuthenticator(),
      testAuthenticator({ id: 'a-passkey-of-ann-00001', kind: 'webauthn', handle: 'other' }),
    ]);
    await batches(fakeUsers(testUser()), [withFactors('ann', totp)], { accounts, mayUpdate: true });
    const found = accounts.all.authenticators.map(({ kind, name }) => `${kind} ${name}`);
    expect(found.toSorted()).toEqual(['totp Phone', 'webauthn Phone']);
    expect(accounts.all.authenticators.find(({ kind }) => kind === 'totp')?.data).toEqual(
      totp.data,
    );
  });
});

describe('a dry run', () => {
  it('reports the same and writes nothing', async () => {
    const users = fakeUsers(testUser());
    const accounts = fakeAccounts();
    const entries = [entryOf('ann'), entryOf('bob'), entryOf('BOB'), entryOf('carol')];
    const run = { accounts, isTrial: true, mayUpdate: true };
    const [results] = await batches(users, entries, run);
    expect(results?.map(({ kind }) => kind)).toEqual(['updated', 'added', 'refused', 'added']);
    expect(users.writes).toEqual([]);
    expect(accounts.writes).toEqual([]);
  });

  it('notices an address that two users have, far apart', async () => {
    const entries = Array.from({ length: 1_001 }, (_, n) =>
      entryOf(`user${n}`, { email: `${n % 1_000}@x.test`, emailVerified: true }),
    );
    const found = await batches(fakeUsers(), entries, { isTrial: true });
    expect(found[1]).toMatchObject([{ kind: 'refused', name: 'user1000' }]);
  });
});
