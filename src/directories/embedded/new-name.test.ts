import { DatabaseSync } from 'node:sqlite';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryTools, directoryTools } from '../../../test/support/directory-tools.ts';
import type { UserChanges, WritableDirectory } from '../../core/people/directory.ts';
import { openFileDirectory } from '../file/directory.ts';
import { guardNames } from '../names.ts';
import { DIRECTORY_FILE, embedded, openEmbeddedDirectory } from './directory.ts';
import { readNewName, type Usernames } from './new-name.ts';

const TIMING = { believed: -1, poll: 3_600_000 };
const NAME = { code: 'user/name', status: 400 };
const ALIKE = { code: 'user/name-alike', status: 409 };

describe('a new username', () => {
  it.each([
    ['ann', 'ann'],
    ['Ann', 'ann'],
    ['ＡＮＮ', 'ann'],
    [' ann.b_c-7 ', 'ann.b_c-7'],
    ['4711', '4711'],
  ])('%j is stored as %j', (typed, stored) => {
    expect(readNewName(typed, '', 'ascii')).toBe(stored);
    expect(readNewName(typed, '', 'letters')).toBe(stored);
  });

  it.each([
    ['ann@corp.test', 'ann@corp.test'],
    ['Ann+x@corp.test', 'ann+x@CORP.test'],
  ])('%s is allowed with the verified address %s', (name, address) => {
    expect(readNewName(name, address, 'ascii')).toBe(name.toLowerCase());
    expect(readNewName(name, address, 'letters')).toBe(name.toLowerCase());
  });

  it.each([
    ['ann@corp.test', ''],
    ['ann@corp.test', 'bob@corp.test'],
    ['ann+x', 'ann@corp.test'],
  ])('%s is refused with the verified address %j', (name, address) => {
    for (const allowed of ['ascii', 'letters'] as const) {
      expect(() => readNewName(name, address, allowed)).toThrow(expect.objectContaining(NAME));
    }
  });

  it.each([
    ['Latin', 'Jürgen'],
    ['Latin in a decomposed spelling', 'Ju\u0308rgen'],
    ['Cyrillic', 'иван.и'],
    ['Greek', 'γιώργος-2'],
    ['Chinese', '山田'],
    ['Japanese', '山田たろうキー'],
    ['Korean', '金철수'],
    ['Hindi', 'हिन्दी'],
    ['Arabic', 'محمد'],
    ['Thai', 'สมชาย'],
  ])('in %s is allowed by usernames: letters alone', (_, name) => {
    expect(readNewName(name, '', 'letters')).toBe(name.normalize('NFKC').toLowerCase());
    expect(() => readNewName(name, '', 'ascii')).toThrow(expect.objectContaining(NAME));
  });

  it.each([
    ['Latin and Cyrillic', 'аnn'],
    ['Latin and Greek', 'οscar'],
    ['Latin and Han', 'ann山田'],
    ['Cyrillic and Greek', 'иванο'],
    ['Hangul and Hiragana', '철たろう'],
    ['Arabic marks on Latin', 'ann\u064b'],
    ['digits of another script', 'ann٣'],
    ['marks by the dozen', `a${'\u0335'.repeat(12)}`],
    ['a mark of its own', '.\u0335a'],
    ['an invisible letter', 'ann\u3164'],
    ['a letter of no script', 'annʹ'],
    ['a retired script', 'ᚠᚢ'],
  ])('of %s is refused whatever is configured', (_, name) => {
    for (const allowed of ['ascii', 'letters'] as const) {
      expect(() => readNewName(name, '', allowed)).toThrow(expect.objectContaining(NAME));
    }
  });

  it('is of ASCII unless the configuration says letters', () => {
    expect(embedded.config.parse({})).toEqual({ usernames: 'ascii' });
    expect(embedded.config.safeParse({ usernames: 'all' }).success).toBe(false);
  });
});

describe('new usernames beside existing ones', () => {
  let tools: DirectoryTools;
  let users: WritableDirectory;
  const reopen = async (usernames: Usernames) => {
    await users.close();
    users = openEmbeddedDirectory(tools, TIMING, usernames);
  };
  beforeEach(async () => {
    tools = await directoryTools();
    users = openEmbeddedDirectory(tools, TIMING);
  });
  afterEach(async () => {
    await users.close();
    await tools.remove();
  });
  const imported = async (name: string, changes: UserChanges = {}): Promise<string> => {
    const entry = { user: { ...changes, name }, passwordHash: null, setAt: null };
    const [made] = (await users.createAll?.([entry])) ?? [];
    return (made as { readonly id: string }).id;
  };

  it.each([
    ['paul', 'pau1'],
    ['leo', 'le0'],
    ['emma', 'ernrna'],
    ['scope', 'ѕсоре'],
    ['аре', 'ape'],
    ['оо', 'οο'],
  ])('with %s, a user cannot be called %s', async (existing, typed) => {
    await imported(existing);
    await reopen('letters');
    await expect(users.create({ name: typed }, null)).rejects.toMatchObject(ALIKE);
    await expect(users.checkName?.({ name: typed }, null)).rejects.toMatchObject(ALIKE);
    const { id } = await users.create({ name: 'zoe' }, null);
    await expect(users.update(id, { name: typed })).rejects.toMatchObject(ALIKE);
    await expect(users.checkName?.({ name: typed }, id)).rejects.toMatchObject(ALIKE);
    await users.checkName?.(
      { name: existing },
      (await users.find(existing, ['username']))?.id ?? '',
    );
    expect((await users.read(id))?.name).toBe('zoe');
  });

  it.each([
    ['anna1', 'anna2'],
    ['ann', 'anna'],
    ['user1', 'user11'],
    ['jurgen', 'jürgen'],
    ['adrian', 'adriana'],
  ])('with %s, a user can be called %s', async (existing, typed) => {
    await imported(existing);
    await reopen('letters');
    expect((await users.create({ name: typed }, null)).name).toBe(typed);
  });

  it('lets users keep the names they have, and be changed', async () => {
    const id = await imported('Мария@Wu', { displayName: 'Maria' });
    const { name } = (await users.read(id)) as { name: string };
    expect((await users.update(id, { name, groups: ['staff'] })).name).toBe(name);
    expect((await users.update(id, { displayName: '' })).displayName).toBe(name);
    await expect(users.update(id, { name: `${name}2` })).rejects.toMatchObject(NAME);
    expect((await users.update(id, { name: 'maria' })).name).toBe('maria');
  });

  it('lets a user take a name like the one they have', async () => {
    const { id } = await users.create({ name: 'pau1' }, null);
    expect((await users.update(id, { name: 'paul' })).name).toBe('paul');
  });

  it('may be the verified address of the user, and no other address', async () => {
    const typed = { name: 'ann@corp.test', email: 'ann@corp.test' };
    await expect(users.create(typed, null)).rejects.toMatchObject(NAME);
    const { id } = await users.create({ ...typed, emailVerified: true }, null);
    expect((await users.find('ann@corp.test', ['username']))?.id).toBe(id);
    const bob = await users.create({ name: 'bob', email: 'bob@corp.test' }, null);
    await expect(users.update(bob.id, { name: 'bob@corp.test' })).rejects.toMatchObject(NAME);
    await users.update(bob.id, { emailVerified: true });
    expect((await users.update(bob.id, { name: 'bob@corp.test' })).name).toBe('bob@corp.test');
  });

  it('are compared with the names of other directories', async () => {
    const path = join(tools.dataDir, 'users.yaml');
    const hash = await tools.passwords.hash('correct horse');
    await writeFile(path, JSON.stringify({ users: { Paul: { password: hash } } }));
    const file = await openFileDirectory({ path, name: 'file' }, tools, {
      settle: 1,
      poll: 3_600_000,
    });
    const guarded = guardNames(users, [users, file]);
    await expect(guarded.create({ name: 'pau1' }, null)).rejects.toMatchObject(ALIKE);
    await expect(guarded.checkName?.({ name: 'pau1' }, null)).rejects.toMatchObject(ALIKE);
    const { id } = await guarded.create({ name: 'zoe' }, null);
    await expect(guarded.update(id, { name: 'PAU1' })).rejects.toMatchObject(ALIKE);
    expect(await file.findAlike?.('paul')).toBeNull();
    // An import keeps its names, and users with them can be changed.
    const old = await imported('pau1');
    expect((await guarded.update(old, { name: 'pau1', groups: ['staff'] })).groups).toHaveLength(1);
    await file.close();
  });

  it('are compared with names of an earlier release as well', async () => {
    for (const name of ['paul', 'аре']) await imported(name);
    await users.close();
    const db = new DatabaseSync(join(tools.dataDir, DIRECTORY_FILE));
    db.exec('DROP INDEX users_skeleton; ALTER TABLE users DROP COLUMN skeleton');
    db.exec('PRAGMA user_version = 4');
    db.close();
    users = openEmbeddedDirectory(tools, TIMING);
    for (const name of ['pau1', 'ape']) {
      await expect(users.create({ name }, null)).rejects.toMatchObject(ALIKE);
    }
  });
});
