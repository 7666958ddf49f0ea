/** Since when a password is valid: known from the moment it is set, and never guessed. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryTools, directoryTools } from '../../../test/support/directory-tools.ts';
import { START } from '../../../test/support/fakes.ts';
import type { WritableDirectory } from '../../core/people/directory.ts';
import { DIRECTORY_FILE, openEmbeddedDirectory } from './directory.ts';

describe('when a password was set', () => {
  let now = START;
  let tools: DirectoryTools;
  let users: WritableDirectory;
  const open = () => openEmbeddedDirectory({ ...tools, clock: { now: () => now } });
  beforeEach(async () => {
    now = START;
    tools = await directoryTools();
    users = open();
  });
  afterEach(async () => {
    await users.close();
    await tools.remove();
  });
  const hash = () => tools.passwords.hash('correct');
  const setAt = async (id: string) => (await users.read(id))?.passwordSetAt;

  it('is not known for a user without a password', async () => {
    const ann = await users.create({ name: 'ann' }, null);
    expect(ann.passwordSetAt).toBeNull();
    expect(await setAt(ann.id)).toBeNull();
  });

  it('is when it was given, and then when it was changed', async () => {
    const ann = await users.create({ name: 'ann' }, await hash());
    expect(ann.passwordSetAt).toBe(START);
    now += 1_000;
    await users.setPassword(ann.id, await hash());
    expect(await setAt(ann.id)).toBe(START + 1_000);
  });

  it('does not change with anything else, nor with a better hash of the same password', async () => {
    const outdated = (await hash()).replace('plain$', 'old$');
    const ann = await users.create({ name: 'ann' }, outdated);
    now += 1_000;
    const elsewhere = { ...ann, groups: ['staff'], passwordSetAt: now };
    expect((await users.update(ann.id, elsewhere)).passwordSetAt).toBe(START);
    expect(await users.verifyPassword(ann.id, 'correct')).toBe('right');
    const db = new DatabaseSync(join(tools.dataDir, DIRECTORY_FILE), { readOnly: true });
    expect(db.prepare('SELECT password_hash FROM users').get()).not.toEqual({
      password_hash: outdated,
    });
    db.close();
    expect(await setAt(ann.id)).toBe(START);
  });

  it('is imported with users from elsewhere', async () => {
    const ann = await users.create({ name: 'ann' }, await hash(), START - 5_000);
    const bob = await users.create({ name: 'bob' }, await hash(), null);
    expect([await setAt(ann.id), await setAt(bob.id)]).toEqual([START - 5_000, null]);
    await users.setPassword(ann.id, await hash(), null);
    expect(await setAt(ann.id)).toBeNull();
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 1.5]) {
      await expect(users.setPassword(ann.id, await hash(), time)).rejects.toThrow('not a time');
      await expect(users.create({ name: 'eve' }, await hash(), time)).rejects.toThrow('not a time');
    }
  });

  it('is no earlier than the user in a file of an older release, and all users stay the same', async () => {
    const ann = await users.create({ name: 'ann', groups: ['staff'] }, await hash());
    const bob = await users.create({ name: 'bob' }, null);
    await users.close();
    const db = new DatabaseSync(join(tools.dataDir, DIRECTORY_FILE));
    db.exec(`
      DROP INDEX users_verified_email;
      ALTER TABLE users DROP COLUMN password_set_at;
      ALTER TABLE users DROP COLUMN email_verified;
      PRAGMA user_version = 1
    `);
    db.close();
    now += 1_000;
    users = open();
    expect(await users.read(ann.id)).toEqual(ann);
    expect(await users.read(bob.id)).toEqual(bob);
    expect(await users.verifyPassword(ann.id, 'correct')).toBe('right');
  });
});
