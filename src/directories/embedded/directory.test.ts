import { copyFile, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DirectoryTools, directoryTools } from '../../../test/support/directory-tools.ts';
import { until } from '../../../test/support/until.ts';
import type { WritableDirectory } from '../../core/people/directory.ts';
import { DIRECTORY_FILE, openEmbeddedDirectory } from './directory.ts';
import { DIRECTORY_KIND } from './schema.ts';

describe('the embedded directory', () => {
  let tools: DirectoryTools;
  let users: WritableDirectory;
  beforeEach(async () => {
    tools = await directoryTools();
    users = openEmbeddedDirectory(tools, { believed: -1, poll: 3_600_000 });
  });
  afterEach(async () => {
    await users.close();
    await tools.remove();
  });
  const imported = (name: string) =>
    users.createAll?.([{ user: { name }, passwordHash: null, setAt: null }]);

  it('keeps its files to itself', async () => {
    await users.create({ name: 'ann' }, null);
    for (const name of await readdir(tools.dataDir)) {
      expect((await stat(join(tools.dataDir, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('still has all users after a restart', async () => {
    const ann = await users.create({ name: 'ann', groups: ['staff'] }, null);
    await users.close();
    users = openEmbeddedDirectory(tools);
    expect(await users.read(ann.id)).toEqual(ann);
  });

  it('gives random ids, which reveal nothing about the user', async () => {
    expect((await users.create({ name: 'ann' }, null)).id).toMatch(/^embedded\/[\w-]{22}$/);
  });

  it('refuses the name of an imported user as an address', async () => {
    await imported('mail@ann');
    const second = { name: 'x', email: 'mail@ann' };
    await expect(users.create(second, null)).rejects.toMatchObject({
      code: 'user/exists',
      status: 409,
    });
    const bob = await users.create({ name: 'bob' }, null);
    await expect(users.update(bob.id, second)).rejects.toMatchObject({ code: 'user/exists' });
    expect(await users.read(bob.id)).toEqual(bob);
  });

  it.each([
    ['user/name', { name: 'a'.repeat(65) }],
    ['user/email', { name: 'x', email: 'a@b@c' }],
    ['user/email', { name: 'x', email: 'nobody' }],
    ['user/email', { name: 'x', email: 'a b@c' }],
    ['user/email', { name: 'x', email: '@c' }],
    ['user/email', { name: 'x', email: `${'a'.repeat(250)}@b.cd` }],
    ['user/display-name', { name: 'x', displayName: 'a\r\nb' }],
    ['user/display-name', { name: 'x', displayName: 'a'.repeat(201) }],
    ['user/groups', { name: 'x', groups: [''] }],
    ['user/groups', { name: 'x', groups: ['a\0'] }],
    ['user/groups', { name: 'x', groups: ['a'.repeat(129)] }],
    ['user/groups', { name: 'x', groups: Array.from({ length: 201 }, (_, i) => `g${i}`) }],
    ['user/attributes', { name: 'x', attributes: { a: 'b'.repeat(17_000) } }],
  ])('refuses with %s to write %j', async (code, user) => {
    await expect(users.create(user, null)).rejects.toMatchObject({ code, status: 400 });
    expect(await users.list(null, 10)).toEqual([]);
  });

  it('takes names of any script in an import', async () => {
    for (const name of ['Jürgen', '山田', 'иван.и', 'हिन्दी', 'ann+test@example.com']) {
      await imported(name);
      expect((await users.find(name.toUpperCase(), ['username']))?.name).toBe(name);
    }
  });

  it('accepts nothing but a hash as a password', async () => {
    await expect(users.create({ name: 'ann' }, 'hunter2')).rejects.toMatchObject({
      code: 'user/password',
    });
    const ann = await users.create({ name: 'ann' }, null);
    await expect(users.setPassword(ann.id, 'hunter2')).rejects.toThrow('not a password hash');
    expect(await users.verifyPassword(ann.id, 'hunter2')).toBe('wrong');
  });

  it('knows who has a password', async () => {
    const ann = await users.create({ name: 'ann' }, null);
    expect(await users.hasPassword?.(ann.id)).toBe(false);
    await users.setPassword(ann.id, await tools.passwords.hash('plum otter canvas'));
    expect(await users.hasPassword?.(ann.id)).toBe(true);
    expect(await users.hasPassword?.('embedded/nobody')).toBe(false);
  });

  it('replaces an outdated hash at the next right sign-in, and only then', async () => {
    const current = await tools.passwords.hash('correct');
    const ann = await users.create({ name: 'ann' }, current.replace('plain$', 'old$'));
    const stored = () => {
      const db = new DatabaseSync(join(tools.dataDir, DIRECTORY_FILE), { readOnly: true });
      const row = db.prepare('SELECT password_hash AS hash FROM users').get() as { hash: string };
      db.close();
      return row.hash;
    };
    const told: (string | null)[] = [];
    users.watch((id) => told.push(id));
    expect(await users.verifyPassword(ann.id, 'wrong')).toBe('wrong');
    expect(stored()).toMatch(/^old\$/);
    expect(await users.verifyPassword(ann.id, 'correct')).toBe('right');
    expect(stored()).toBe(current);
    expect(told).toEqual([]);
  });

  it('lists by name, page by page', async () => {
    for (const name of ['dan', 'Bob', 'ann', 'carol']) await imported(name);
    const pages: string[] = [];
    for (const [after, limit] of [
      [null, 10],
      [null, 2],
      ['BOB', 2],
      ['dan', 2],
    ] as const) {
      pages.push((await users.list(after, limit)).map((u) => u.name).join(' '));
    }
    expect(pages).toEqual(['ann Bob carol dan', 'ann Bob', 'carol dan', '']);
  });

  it('announces that anything may have changed if it missed changes', async () => {
    const told: (string | null)[] = [];
    users.watch((id) => told.push(id));
    const other = openEmbeddedDirectory(tools);
    const { id } = await other.create({ name: 'ann' }, null);
    for (let i = 0; i < 1_010; i += 1) await other.update(id, { displayName: `ann ${i}` });
    await other.close();
    expect(users.freshFor()).toBeGreaterThan(0);
    expect(told).toEqual([null]);
  });

  it('does not open a file of a newer release, nor one that is no database', async () => {
    await users.close();
    const path = join(tools.dataDir, DIRECTORY_FILE);
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(() => openEmbeddedDirectory(tools)).toThrow('newer release');
    expect(() => openEmbeddedDirectory({ ...tools, dataDir: join(path, 'x') })).toThrow(
      'cannot be used',
    );
  });

  it('believes nothing once its file is replaced: a user disabled in the new file stays out', async () => {
    const { id } = await users.create({ name: 'ann' }, null);
    const path = join(tools.dataDir, DIRECTORY_FILE);
    await copyFile(path, `${path}.copy`);
    await rename(`${path}.copy`, path);
    await until('the other file is noticed', () => users.freshFor() === 0);
    const unavailable = { code: 'directory/unavailable', status: 503 };
    await expect(users.read(id)).rejects.toMatchObject(unavailable);
    await expect(users.find('ann', ['username'])).rejects.toMatchObject(unavailable);
    await expect(users.verifyPassword(id, 'right')).rejects.toMatchObject(unavailable);
    await expect(users.update(id, { disabled: true })).rejects.toMatchObject(unavailable);
    await expect(users.isEmpty()).rejects.toMatchObject(unavailable);
  });

  it('rejects with a Problem, and never finds no user, if the file is gone', async () => {
    const { id } = await users.create({ name: 'ann' }, null);
    await users.close();
    await expect(users.read(id)).rejects.toMatchObject({ code: 'directory/unavailable' });
    await expect(users.find('ann', ['username'])).rejects.toMatchObject({ status: 503 });
    expect(users.freshFor()).toBe(0);
  });

  it('ENROL-mail: addresses of an earlier release stay verified', async () => {
    const ann = await users.create({ name: 'ann', email: 'ann@x.test', emailVerified: true }, null);
    const bob = await users.create({ name: 'bob' }, null);
    await users.close();
    const db = new DatabaseSync(join(tools.dataDir, DIRECTORY_FILE));
    db.exec(`DROP TABLE users; DROP TABLE changes; ${firstMigrations(2)}`);
    const insert = db.prepare("INSERT INTO users VALUES (?,?,?,?,?,?,'[]','{}',0,NULL,1,1,NULL)");
    insert.run(ann.id, 'ann', 'ann', 'ann', 'ann@x.test', 'ann@x.test');
    insert.run(bob.id, 'bob', 'bob', 'bob', '', null);
    db.exec('PRAGMA user_version = 2');
    db.close();
    users = openEmbeddedDirectory(tools);
    expect(await users.read(ann.id)).toEqual(ann);
    expect(await users.read(bob.id)).toEqual(bob);
  });

  it('imports thousands of users at once, rejects invalid ones, and computes no hash', async () => {
    const passwordHash = await tools.passwords.hash('correct horse');
    tools.passwords.hash = () => Promise.reject(new Error('hashes are taken as they are'));
    const begun = vi.spyOn(DatabaseSync.prototype, 'exec');
    const entries = Array.from({ length: 10_000 }, (_, n) => ({
      user: { name: `user${n}`, email: `user${n}@corp.test`, emailVerified: true },
      passwordHash,
      setAt: null,
    }));
    const twice = { user: { name: 'USER7' }, passwordHash: null, setAt: null };
    const made = await users.createAll?.([...entries, twice, { ...twice, user: { name: 'a b' } }]);
    // A wait for the disk each: as many for ten users as for a thousand.
    const transactions = begun.mock.calls.filter(([sql]) => sql.startsWith('BEGIN')).length;
    begun.mockRestore();
    expect(transactions).toBe(11);
    expect(made?.length).toBe(10_002);
    expect(made?.slice(-2)).toMatchObject([{ code: 'user/exists' }, { code: 'user/name' }]);
    expect(made?.slice(0, -2).every((one) => 'id' in one)).toBe(true);
    expect((await users.find('user9999@corp.test', ['email']))?.name).toBe('user9999');
    expect(await users.find('a b', ['username'])).toBeNull();
  });
});

/** The SQL of the first migrations of the file. */
function firstMigrations(count: number): string {
  return DIRECTORY_KIND.migrations
    .slice(0, count)
    .map((migration) => (typeof migration === 'string' ? migration : migration.sqlite))
    .join('');
}
