/** Users of one directory whose name or address an earlier directory has, over real directories. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryTools, directoryTools } from '../../test/support/directory-tools.ts';
import type { WritableDirectory } from '../core/people/directory.ts';
import { Problem } from '../core/values/problem.ts';
import { chainDirectories } from './chain.ts';
import { openEmbeddedDirectory } from './embedded/directory.ts';
import { type FileDirectory, openFileDirectory } from './file/directory.ts';
import { guardNames } from './names.ts';

const BOTH = ['username', 'email'] as const;
const vault = {
  sign: (_: string, value: string) => Buffer.from(`${value}....`).toString('base64'),
};

type People = Readonly<Record<string, string | null>>;
interface Person {
  readonly name: string;
  readonly email?: string;
}

describe('names over several directories', () => {
  let tools: DirectoryTools;
  let users: WritableDirectory;
  let files: FileDirectory[];
  let hash: string;

  beforeEach(async () => {
    tools = await directoryTools();
    users = openEmbeddedDirectory(tools, { believed: -1, poll: 3_600_000 });
    files = [];
    hash = await tools.passwords.hash('correct horse');
  });
  afterEach(async () => {
    await users.close();
    await Promise.all(files.map((file) => file.close()));
    await tools.remove();
  });

  const pathOf = (name: string): string => join(tools.dataDir, `${name}.yaml`);
  const write = async (name: string, people: People): Promise<void> => {
    const entries = Object.entries(people).map(([key, email]) => [key, { password: hash, email }]);
    await writeFile(`${pathOf(name)}.new`, JSON.stringify({ users: Object.fromEntries(entries) }));
    await rename(`${pathOf(name)}.new`, pathOf(name));
  };
  const file = async (name: string, people: People): Promise<FileDirectory> => {
    await write(name, people);
    const path = pathOf(name);
    const opened = await openFileDirectory({ path, name }, tools, { settle: 1, poll: 3_600_000 });
    files.push(opened);
    return opened;
  };
  const joined = () =>
    chainDirectories([users, ...files], {
      events: tools.events,
      passwords: tools.passwords,
      vault,
    });
  const codes = () => tools.told.map((event) => (event.type === 'fault' ? event.code : ''));

  it('DIR-twice: a second admin is refused by address, by id and by password, and logged', async () => {
    await users.create({ name: 'admin' }, hash);
    await file('partners', { admin: 'mallory@partner.test', bob: 'bob@partner.test' });
    const chain = joined();
    expect(await chain.find('mallory@partner.test', BOTH)).toBeNull();
    expect(await chain.find('mallory@partner.test', ['email'])).toBeNull();
    expect(await chain.read('partners/admin')).toBeNull();
    expect(await chain.verifyPassword('partners/admin', 'correct horse')).toBe('wrong');
    expect((await chain.find('admin', BOTH))?.id).toMatch(/^embedded\//);
    expect((await chain.find('bob@partner.test', BOTH))?.id).toBe('partners/bob');
    expect(await chain.verifyPassword('partners/bob', 'correct horse')).toBe('right');
    // Once per user, however often they try.
    expect(codes()).toEqual(['directory/namesake']);
  });

  it.each<[string, Person, Person]>([
    ['name and name', { name: 'eve' }, { name: 'Eve', email: 'e@x.test' }],
    ['name and name in another form', { name: 'fish' }, { name: '\ufb01sh' }],
    [
      'name and address',
      { name: 'eve@x.test', email: 'eve@x.test' },
      { name: 'm', email: 'EVE@x.test' },
    ],
    ['address and name', { name: 'eve', email: 'eve@x.test' }, { name: 'eve@x.test' }],
    [
      'address and address',
      { name: 'eve', email: 'eve@x.test' },
      { name: 'm', email: 'Eve@X.test' },
    ],
  ])(
    'DIR-twice: a user who shares %s with one of an earlier directory is refused',
    async (_, first, second) => {
      await users.create({ ...first, emailVerified: true }, null);
      await file('partners', { [second.name]: second.email ?? null });
      const chain = joined();
      const { id } = (await files[0]?.find(second.name, ['username'])) ?? { id: '' };
      expect(id).not.toBe('');
      expect(await chain.read(id)).toBeNull();
      const found = await chain.find(second.email ?? second.name, BOTH);
      expect(found?.id ?? 'embedded/').toMatch(/^embedded\//);
    },
  );

  it('DIR-twice: an address that several users of an earlier directory have counts as known', async () => {
    await file('staff', { ann: 'shared@x.test', bob: 'shared@x.test' });
    await file('partners', { mallory: 'shared@x.test' });
    const chain = joined();
    expect(await chain.find('shared@x.test', BOTH)).toBeNull();
    expect(await chain.read('partners/mallory')).toBeNull();
  });

  it('DIR-twice: of three directories, each counts for all after it', async () => {
    await file('staff', { ann: null, bob: null });
    await file('partners', { bob: 'bob@x.test', carl: 'ann@x.test' });
    await file('guests', { ann: null, bob: null, carl: null, dora: 'ann@x.test', eve: null });
    const chain = joined();
    const read = async (id: string) => (await chain.read(id)) !== null;
    for (const id of ['staff/ann', 'staff/bob', 'partners/carl', 'guests/eve']) {
      expect([id, await read(id)]).toEqual([id, true]);
    }
    for (const id of ['partners/bob', 'guests/ann', 'guests/bob', 'guests/carl', 'guests/dora']) {
      expect([id, await read(id)]).toEqual([id, false]);
    }
  });

  it('DIR-twice: a name that is added to an earlier directory takes effect at once, and ends with it', async () => {
    await file('partners', { bob: 'bob@partner.test' });
    const chain = joined();
    const told: (string | null)[] = [];
    chain.watch((id) => told.push(id));
    expect((await chain.read('partners/bob'))?.name).toBe('bob');
    const { id } = await users.create({ name: 'bob' }, null);
    // A cached visitor has to be read again, since the user may be refused now.
    expect(told).toEqual([id, null]);
    expect(await chain.read('partners/bob')).toBeNull();
    await users.update(id, { name: 'robert' });
    expect((await chain.read('partners/bob'))?.name).toBe('bob');
    await users.update(id, { email: 'bob@partner.test', emailVerified: true });
    expect(await chain.read('partners/bob')).toBeNull();
  });

  it('DIR-twice: an unverified address takes nothing from users of other directories', async () => {
    await users.create({ name: 'mallory', email: 'bob@partner.test' }, hash);
    await file('partners', { bob: 'bob@partner.test' });
    const chain = joined();
    expect((await chain.read('partners/bob'))?.name).toBe('bob');
    expect((await chain.find('bob@partner.test', BOTH))?.id).toBe('partners/bob');
  });

  it('asks other directories about few of many new users at a time', async () => {
    const partners = await file('partners', { user17: null });
    const asked = { now: 0, most: 0 };
    const slow: FileDirectory = {
      ...partners,
      async knows(login) {
        asked.now += 1;
        asked.most = Math.max(asked.most, asked.now);
        await new Promise(setImmediate);
        asked.now -= 1;
        return (await partners.find(login, ['username'])) !== null;
      },
    };
    const entries = Array.from({ length: 100 }, (_, i) => ({
      user: { name: `user${i}` },
      passwordHash: null,
      setAt: null,
    }));
    const made = await guardNames(users, [users, slow]).createAll(entries);
    expect(asked.most).toBe(8);
    const refused = made.flatMap((one, i) => (one instanceof Problem ? [`user${i}`] : []));
    expect(made).toHaveLength(100);
    expect(refused).toEqual(['user17']);
  });

  it('DIR-twice: no user is created or renamed with the name or address of another directory', async () => {
    await file('partners', { bob: 'bob@partner.test', eve: null });
    const guarded = guardNames(users, [users, ...files]);
    const { id } = await guarded.create({ name: 'ann' }, null);
    const taken = { code: 'user/exists', status: 409 };
    for (const changes of [
      { name: 'Bob' },
      { name: 'EVE' },
      { name: 'other', email: 'BOB@partner.test' },
      { name: 'bob@partner.test' },
    ]) {
      await expect(guarded.create(changes, null)).rejects.toMatchObject(taken);
      await expect(guarded.update(id, changes)).rejects.toMatchObject(taken);
    }
    expect(await joined().knows?.('partner')).toBe(false);
    expect(await joined().knows?.('eve')).toBe(true);
    expect((await guarded.update(id, { displayName: 'Ann' })).displayName).toBe('Ann');
  });

  it('DIR-twice: an address is no longer verified if another directory has it', async () => {
    const guarded = guardNames(users, [users, await file('partners', {})]);
    const { id } = await guarded.create({ name: 'ann', email: 'ann@x.test' }, null);
    await write('partners', { carl: 'ann@x.test' });
    await files[0]?.refresh();
    await expect(guarded.update(id, { emailVerified: true })).rejects.toMatchObject({
      code: 'user/exists',
    });
  });
});
