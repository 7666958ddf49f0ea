import { watch } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryTools, directoryTools } from '../../../test/support/directory-tools.ts';
import { until } from '../../../test/support/until.ts';
import { type FileDirectory, openFileDirectory, parseExportedUsers } from './directory.ts';

/** Only file system events trigger a read; tests call `refresh`. */
const STILL = { settle: 1, poll: 3_600_000 };

describe('the file directory', () => {
  let tools: DirectoryTools;
  let path: string;
  let hash: string;
  const opened: FileDirectory[] = [];
  const open = async (timing = STILL) => {
    const directory = await openFileDirectory({ path, name: 'file' }, tools, timing);
    opened.push(directory);
    return directory;
  };
  const users = (...names: string[]) =>
    `users:\n${names.map((name) => `  ${name}: { password: ${hash} }\n`).join('')}`;

  beforeEach(async () => {
    tools = await directoryTools();
    path = join(tools.dataDir, 'users.yaml');
    hash = await tools.passwords.hash('correct horse');
    await writeFile(path, users('ann', 'bob'));
  });
  afterEach(async () => {
    for (const directory of opened.splice(0)) await directory.close();
    await tools.remove();
  });

  it('does not start with a file that is absent, no file, or invalid', async () => {
    await writeFile(path, 'users:\n  ann:\n    password: hunter2\n    oops: 1\n');
    await expect(open()).rejects.toThrow(
      new RegExp(
        `${path}:3:5 users.ann.password: expected an argon2.*\n${path}:4:5 users.ann.oops`,
      ),
    );
    await expect(open()).rejects.not.toThrow('hunter2');
    await rm(path);
    await expect(open()).rejects.toMatchObject({ code: 'directory/file' });
    await mkdir(path);
    await expect(open()).rejects.toMatchObject({ code: 'directory/file' });
  });

  it('keeps its users while the file is invalid, reports this once, and continues when it is valid', async () => {
    const directory = await open();
    await writeFile(path, 'users: [');
    await directory.refresh();
    await directory.refresh();
    expect(tools.told).toMatchObject([{ type: 'fault', code: 'directory/file' }]);
    expect(await directory.find('ann', ['username'])).not.toBeNull();
    await writeFile(path, users('bob'));
    await directory.refresh();
    expect(await directory.find('ann', ['username'])).toBeNull();
    expect(tools.told).toHaveLength(1);
  });

  it('keeps its users when the file vanishes', async () => {
    const directory = await open();
    await rm(path);
    await directory.refresh();
    expect(await directory.read('file/ann')).not.toBeNull();
    expect(tools.told).toMatchObject([{ type: 'fault', code: 'directory/file' }]);
  });

  it('announces added, removed and changed users', async () => {
    const directory = await open();
    const told: (string | null)[] = [];
    directory.watch((id) => told.push(id));
    await writeFile(path, `${users('bob', 'carol')}    # a comment\n`);
    await directory.refresh();
    expect(new Set(told)).toEqual(new Set(['file/ann', 'file/carol']));
    expect(told).toHaveLength(2);
  });

  it('finds no user by an address that several users have', async () => {
    const email = 'team@example.com';
    await writeFile(
      path,
      `users:\n  ann: { password: ${hash}, email: ${email} }\n  bob: { password: ${hash}, email: Team@example.com }\n  carol: { password: ${hash}, email: carol@example.com }\n`,
    );
    const directory = await open();
    expect(await directory.find(email, ['email'])).toBeNull();
    expect((await directory.find('carol@example.com', ['email']))?.name).toBe('carol');
  });

  it('does the work of a real hash for an unknown user, and never verifies', async () => {
    const checked: (string | null)[] = [];
    const passwords = {
      ...tools.passwords,
      verify: (given: string | null, password: string) => {
        checked.push(given);
        return tools.passwords.verify(given, password);
      },
    };
    const directory = await openFileDirectory(
      { path, name: 'file' },
      { ...tools, passwords },
      STILL,
    );
    opened.push(directory);
    expect(await directory.verifyPassword(null, 'correct horse')).toBe('wrong');
    expect(await directory.verifyPassword('file/nobody', 'correct horse')).toBe('wrong');
    expect(checked).toEqual([hash, hash]);
  });

  it('notices a write by itself', async () => {
    const directory = await open({ settle: 1, poll: 20 });
    const { promise, resolve } = Promise.withResolvers<string | null>();
    directory.watch(resolve);
    await writeFile(path, users('bob'));
    expect(await promise).toBe('file/ann');
  });

  it('returns nothing from before a change it has noticed', async () => {
    const directory = await open({ settle: 20, poll: 3_600_000 });
    expect(directory.freshFor()).toBeGreaterThan(0);
    await writeFile(path, users('bob'));
    const { promise, resolve } = Promise.withResolvers<void>();
    const heard = setInterval(() => directory.freshFor() > 0 || resolve(), 1);
    await promise;
    clearInterval(heard);
    const [read, found, verdict] = await Promise.all([
      directory.read('file/ann'),
      directory.find('ann', ['username']),
      directory.verifyPassword('file/ann', 'correct horse'),
    ]);
    expect([read, found, verdict]).toEqual([null, null, 'wrong']);
    await until('it is believed again', () => directory.freshFor() > 0);
  });

  it('does not wait for writes beside it', async () => {
    const directory = await open({ settle: 3_600_000, poll: 3_600_000 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const others = watch(tools.dataDir, () => resolve());
    await writeFile(join(tools.dataDir, 'state.db'), 'something');
    await promise;
    others.close();
    expect(directory.freshFor()).toBeGreaterThan(0);
    expect(await directory.read('file/ann')).not.toBeNull();
  });

  it('notices that a folder’s symlink was swapped, as Kubernetes does', async () => {
    const mount = join(tools.dataDir, 'mount');
    for (const [version, names] of [
      ['v1', ['ann']],
      ['v2', ['bob']],
    ] as const) {
      await mkdir(join(mount, version), { recursive: true });
      await writeFile(join(mount, version, 'users.yaml'), users(...names));
    }
    await symlink('v1', join(mount, 'data'));
    await symlink('data/users.yaml', join(mount, 'users.yaml'));
    path = join(mount, 'users.yaml');
    const directory = await open({ settle: 1, poll: 20 });
    const { promise, resolve } = Promise.withResolvers<void>();
    directory.watch((id) => id === 'file/bob' && resolve());
    await symlink('v2', join(mount, 'data.new'));
    await rename(join(mount, 'data.new'), join(mount, 'data'));
    await promise;
    expect(await directory.read('file/ann')).toBeNull();
  });

  it('returns its users with their hashes for an import', async () => {
    const text = await readFile(path, 'utf8');
    expect(
      parseExportedUsers({ path, text }, (given) => tools.passwords.isHash(given)),
    ).toMatchObject([
      { user: { name: 'ann' }, passwordHash: hash },
      { user: { name: 'bob' }, passwordHash: hash },
    ]);
  });

  it('settles its users, and all later ones before they are used', async () => {
    const directory = await open();
    const settled: string[][] = [];
    await directory.guardIds?.(async (given) => {
      settled.push(given.map(({ id, mark }) => `${id} ${mark}`).sort());
      const isUsed = (await Promise.all(given.map(({ id }) => directory.read(id)))).includes(null);
      expect(isUsed).toBe(settled.length > 1);
    });
    await writeFile(path, users('ann', 'carl'));
    await directory.refresh();
    const mark = settled[0]?.[0]?.split(' ')[1];
    expect(settled).toEqual([
      [`file/ann ${mark}`, `file/bob ${mark}`],
      [`file/ann ${mark}`, `file/carl ${mark}`],
    ]);
    expect(await directory.read('file/carl')).not.toBeNull();
  });

  it('withholds users who may be others than before until they are settled', async () => {
    const directory = await open();
    let isBroken = false;
    await directory.guardIds?.(async () => {
      if (isBroken) throw new Error('the disk is full');
    });
    isBroken = true;
    const other = await tools.passwords.hash('another one');
    const text = `users:
  ann: { password: ${hash}, groups: [staff] }
  bob: { password: ${other} }
  carl: { password: ${hash} }
`;
    await writeFile(path, text);
    await directory.refresh();
    const names = ['ann', 'bob', 'carl'];
    const known = () => Promise.all(names.map((name) => directory.read(`file/${name}`)));
    expect(await known()).toMatchObject([{ groups: ['staff'] }, null, null]);
    expect(tools.told[0]).toMatchObject({ type: 'fault', cause: { message: 'the disk is full' } });
    isBroken = false;
    await writeFile(path, `${text}\n`);
    await directory.refresh();
    expect(await known()).not.toContain(null);
  });

  it('cannot be guarded if its users cannot be settled', async () => {
    const directory = await open();
    const done = directory.guardIds?.(() => Promise.reject(new Error('the disk is full')));
    await expect(done).rejects.toThrow('full');
  });
});
