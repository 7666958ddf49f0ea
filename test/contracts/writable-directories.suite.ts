/** The contract of every directory that can be written, in addition to that of all directories. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WritableDirectory } from '../../src/core/people/directory.ts';

/** An empty directory under test. */
export interface WritableBench {
  readonly users: WritableDirectory;
  readonly hash: (password: string) => Promise<string>;
  readonly close: () => Promise<void>;
  /** Whether it hears of its own changes again, as of those of other instances. */
  readonly echoes?: boolean;
}

/** Registers the contract for one kind of directory. */
export function writableDirectoryContract(kind: string, open: () => Promise<WritableBench>): void {
  describe(`the writable directory ${kind}`, () => {
    let bench: WritableBench;
    let users: WritableDirectory;
    beforeEach(async () => {
      bench = await open();
      users = bench.users;
    });
    afterEach(() => bench.close());

    it('gives users an id that stays the same when they are renamed', async () => {
      const ann = await users.create({ name: 'ann' }, null);
      expect(ann.id.startsWith(`${users.name}/`)).toBe(true);
      const renamed = await users.update(ann.id, { name: 'anna' });
      expect(renamed).toMatchObject({ id: ann.id, name: 'anna' });
      expect(await users.find('ann', ['username'])).toBeNull();
      expect((await users.find('anna', ['username']))?.id).toBe(ann.id);
    });

    it('ignores the id of another directory in an update', async () => {
      const ann = await users.create({ name: 'ann' }, null);
      const elsewhere = { ...ann, id: 'elsewhere/ann', groups: ['staff'] };
      expect(await users.update(ann.id, elsewhere)).toEqual({ ...ann, groups: ['staff'] });
      expect(await users.read('elsewhere/ann')).toBeNull();
    });

    it('has a default for every property but the name, and changes only what is given', async () => {
      const ann = await users.create({ name: 'ann' }, null);
      expect(ann).toMatchObject({ displayName: 'ann', email: '', groups: [], disabled: false });
      await users.update(ann.id, { email: 'ann@example.com', attributes: { a: [1, { b: null }] } });
      expect(await users.update(ann.id, { disabled: true })).toEqual({
        ...ann,
        email: 'ann@example.com',
        attributes: { a: [1, { b: null }] },
        disabled: true,
      });
    });

    it.each([
      ['the same name', { name: 'ann' }],
      ['the same name in another case', { name: 'ANN' }],
      ['the same name in another Unicode form', { name: 'ａｎｎ' }],
      ['the same address', { name: 'other', email: 'ANN@example.com' }],
      ['the address of another user as name', { name: 'ann@example.com' }],
    ])('refuses a second user with %s', async (_, second) => {
      await users.create({ name: 'ann', email: 'ann@example.com', emailVerified: true }, null);
      const exists = { code: 'user/exists', status: 409 };
      await expect(users.create(second, null)).rejects.toMatchObject(exists);
      const bob = await users.create({ name: 'bob' }, null);
      await expect(users.update(bob.id, second)).rejects.toMatchObject(exists);
      expect(await users.read(bob.id)).toEqual(bob);
    });

    it('accepts several users without an address, and an address as its own user’s name', async () => {
      await users.create({ name: 'ann' }, null);
      await users.create({ name: 'bob' }, null);
      const eve = await users.create(
        { name: 'eve@example.com', email: 'eve@example.com', emailVerified: true },
        null,
      );
      expect((await users.find('EVE@example.com', ['email']))?.id).toBe(eve.id);
    });

    it.each(['', 'a b', 'a/b', '...', 'ann\nx', 'ann\u202e'])(
      'refuses the name %j and stores nothing',
      async (name) => {
        const refused = { code: 'user/name', status: 400 };
        await expect(users.create({ name }, null)).rejects.toMatchObject(refused);
        expect(await users.list(null, 10)).toEqual([]);
      },
    );

    it('refuses to change an unknown user', async () => {
      const id = `${users.name}/unknown`;
      for (const change of [
        users.update(id, { disabled: true }),
        users.setPassword(id, await bench.hash('x')),
        users.delete(id),
      ]) {
        await expect(change).rejects.toMatchObject({ code: 'user/unknown', status: 404 });
      }
    });

    it('verifies a password from the moment it is set, and never one that is no hash', async () => {
      const { id } = await users.create({ name: 'ann' }, null);
      expect(await users.verifyPassword(id, '')).toBe('wrong');
      await expect(users.setPassword(id, 'hunter2')).rejects.toThrow('not a password hash');
      expect(await users.verifyPassword(id, 'hunter2')).toBe('wrong');
      await users.setPassword(id, await bench.hash('correct horse'));
      expect(await users.verifyPassword(id, 'correct horse')).toBe('right');
    });

    it('deletes a user, whose name is free again', async () => {
      const { id } = await users.create({ name: 'ann' }, await bench.hash('correct horse'));
      await users.delete(id);
      expect(await users.read(id)).toBeNull();
      expect(await users.verifyPassword(id, 'correct horse')).toBe('wrong');
      expect((await users.create({ name: 'ann' }, null)).id).not.toBe(id);
    });

    it('lists users by name, page by page', async () => {
      for (const name of ['dan', 'bob', 'ann', 'carol']) await users.create({ name }, null);
      const pages: string[] = [];
      for (const [after, limit] of [
        [null, 10],
        [null, 2],
        ['BOB', 2],
        ['dan', 2],
      ] as const) {
        pages.push((await users.list(after, limit)).map(({ name }) => name).join(' '));
      }
      expect(pages).toEqual(['ann bob carol dan', 'ann bob', 'carol dan', '']);
    });

    it('announces its own changes at once, and no change that it refused', async () => {
      const announced: (string | null)[] = [];
      const first: (string | null | undefined)[] = [];
      users.watch((id) => announced.push(id));
      const atOnce = async <T>(write: () => Promise<T>): Promise<T> => {
        const before = announced.length;
        const result = await write();
        first.push(announced[before]);
        return result;
      };
      const hash = await bench.hash('x');
      const { id } = await atOnce(() => users.create({ name: 'ann' }, null));
      await atOnce(() => users.update(id, { groups: ['a'] }));
      await atOnce(() => users.setPassword(id, hash));
      await atOnce(() => users.delete(id));
      expect(first).toEqual([id, id, id, id]);
      const unknown = users.update('embedded/unknown', {});
      await expect(unknown).rejects.toMatchObject({ code: 'user/unknown' });
      await expect(users.update(id, {})).rejects.toMatchObject({ code: 'user/unknown' });
      expect(new Set(announced)).toEqual(new Set([id]));
      if (bench.echoes !== true) expect(announced).toHaveLength(4);
    });

    it('ENROL-mail: an address is unverified until it is verified, and again after a change', async () => {
      const { id } = await users.create({ name: 'ann', email: 'ann@x.test' }, null);
      const isVerified = async () => (await users.read(id))?.emailVerified;
      expect(await isVerified()).toBe(false);
      expect(await users.find('ann@x.test', ['username', 'email'])).toBeNull();
      await users.update(id, { emailVerified: true });
      expect(await isVerified()).toBe(true);
      expect((await users.find('ANN@x.test', ['email']))?.id).toBe(id);
      await users.update(id, { email: 'Ann@X.test', displayName: 'Ann' });
      expect(await isVerified()).toBe(true);
      await users.update(id, { email: 'ceo@corp.test' });
      expect(await isVerified()).toBe(false);
      await users.update(id, { email: '', emailVerified: true });
      expect(await isVerified()).toBe(false);
      const bob = await users.create({ name: 'bob', emailVerified: true }, null);
      expect(bob.emailVerified).toBe(false);
    });

    it('ENROL-mail: several users may claim an unverified address, but not another user’s verified one', async () => {
      const { id } = await users.create({ name: 'mallory', email: 'ceo@corp.test' }, null);
      await users.create({ name: 'second', email: 'ceo@corp.test' }, null);
      const ceo = { name: 'ceo', email: 'CEO@corp.test', emailVerified: true };
      const real = await users.create(ceo, null);
      expect((await users.find('ceo@corp.test', ['email']))?.id).toBe(real.id);
      const exists = { code: 'user/exists' };
      await expect(users.update(id, { emailVerified: true })).rejects.toMatchObject(exists);
      await expect(
        users.create({ name: 'third', email: 'ceo@corp.test' }, null),
      ).rejects.toMatchObject(exists);
      expect((await users.update(id, { displayName: 'Mallory' })).emailVerified).toBe(false);
    });
  });
}
