/** The contract of every directory. Each kind starts with the same users. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/core/people/directory.ts';
import { until } from '../support/until.ts';

/** An initial user. By default, without email address and groups, and enabled. */
export interface Seed {
  readonly name: string;
  readonly email?: string;
  readonly displayName?: string;
  readonly groups?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly disabled?: boolean;
  readonly password: string;
}

/** A directory under test, and a way to change its users as an administrator would. */
export interface Bench {
  readonly directory: Directory;
  /**
   * Replaces the directory's users, as another process would, and waits until `directory` knows.
   */
  put(people: readonly Seed[]): Promise<void>;
  close(): Promise<void>;
}

const ANN: Seed = {
  name: 'ann',
  email: 'Ann@Example.com',
  displayName: 'Ann Example',
  groups: ['staff', 'legal'],
  attributes: { department: 'legal' },
  password: 'correct horse',
};
const BOB: Seed = { name: 'bob', disabled: true, password: 'battery staple' };

/** Registers the contract for one kind of directory. */
export function directoryContract(kind: string, open: () => Promise<Bench>): void {
  describe(`the directory ${kind}`, () => {
    let bench: Bench;
    let directory: Directory;
    beforeEach(async () => {
      bench = await open();
      directory = bench.directory;
      await bench.put([ANN, BOB]);
    });
    afterEach(() => bench.close());

    const idOf = async (name: string): Promise<string> => {
      const user = await directory.find(name, ['username']);
      if (user === null) throw new Error(`${name} is not there`);
      return user.id;
    };

    /** The system may report a change a moment after it was read; until the next look, nothing is believed. */
    const believed = () => until('it is believed', () => directory.freshFor() > 0);

    it('returns everything it knows about a user', async () => {
      const user = await directory.find('ann', ['username']);
      // LDAP servers list groups in any order.
      expect({ ...user, groups: user?.groups.toSorted() }).toEqual({
        id: user?.id,
        name: 'ann',
        displayName: 'Ann Example',
        email: 'Ann@Example.com',
        emailVerified: true,
        groups: ['legal', 'staff'],
        attributes: { department: 'legal' },
        disabled: false,
        passwordSetAt: user?.passwordSetAt,
      });
      expect([null, 'number']).toContain(
        user?.passwordSetAt === null ? null : typeof user?.passwordSetAt,
      );
      expect(user?.id.startsWith(`${directory.name}/`)).toBe(true);
      expect(await directory.read(user?.id ?? '')).toEqual(user);
      expect(JSON.stringify(user)).not.toContain('argon2');
    });

    it.each(['ann', 'ANN', ' ann ', 'ａｎｎ'])('finds ann by the name %j', async (login) => {
      expect((await directory.find(login, ['username', 'email']))?.name).toBe('ann');
    });

    it.each(['ann@example.com', 'ANN@EXAMPLE.COM', ' Ann@example.com'])(
      'finds ann by the address %j, if addresses are searched',
      async (login) => {
        expect((await directory.find(login, ['email']))?.name).toBe('ann');
        expect(await directory.find(login, ['username'])).toBeNull();
      },
    );

    it.each([
      'carol',
      '',
      ' ',
      'an',
      'ann%',
      "ann' or 1=1 --",
      '\0',
      '__proto__',
      'x'.repeat(9999),
    ])('finds no user called %j', async (login) => {
      expect(await directory.find(login, ['username', 'email'])).toBeNull();
    });

    it('does not find a username among addresses, nor any user if no field is searched', async () => {
      expect(await directory.find('ann', ['email'])).toBeNull();
      expect(await directory.find('ann', [])).toBeNull();
      // Bob has no address, so an empty one must not match.
      expect(await directory.find('', ['email'])).toBeNull();
    });

    it.each(['', 'nobody', 'elsewhere/ann', '__proto__', 'file/', 'embedded/'])(
      'reads no user with the id %j',
      async (id) => {
        expect(await directory.read(id)).toBeNull();
      },
    );

    it('verifies only the right password, and none of an unknown user', async () => {
      const id = await idOf('ann');
      expect(await directory.verifyPassword(id, 'correct horse')).toBe('right');
      expect(await directory.verifyPassword(id, 'battery staple')).toBe('wrong');
      expect(await directory.verifyPassword(id, '')).toBe('wrong');
      for (const unknown of [null, `${directory.name}/nobody`]) {
        expect(await directory.verifyPassword(unknown, 'correct horse')).toBe('wrong');
        expect(await directory.verifyPassword(unknown, 'battery staple')).toBe('wrong');
      }
    });

    it('feigns to verify a password that must not count, right or wrong', async () => {
      const id = await idOf('ann');
      for (const password of ['correct horse', 'battery staple', '']) {
        expect((await directory.feignPassword?.(id, password)) ?? 'wrong').toBe('wrong');
      }
    });

    it('shows that a user is disabled', async () => {
      expect((await directory.find('bob', ['username']))?.disabled).toBe(true);
      expect((await directory.read(await idOf('bob')))?.disabled).toBe(true);
    });

    it('announces the user who changed, and no other', async () => {
      const [ann, bob] = [await idOf('ann'), await idOf('bob')];
      const told: (string | null)[] = [];
      directory.watch((id) => told.push(id));
      await bench.put([{ ...ANN, groups: ['staff'] }, BOB]);
      await believed();
      expect(told).toContain(ann);
      expect(told).not.toContain(bob);
      expect((await directory.read(ann))?.groups).toEqual(['staff']);
    });

    it('announces disabled and deleted users, and returns them as such', async () => {
      const [ann, bob] = [await idOf('ann'), await idOf('bob')];
      const told: (string | null)[] = [];
      directory.watch((id) => told.push(id));
      await bench.put([{ ...ANN, disabled: true }]);
      await believed();
      expect(new Set(told)).toEqual(new Set([ann, bob]));
      expect((await directory.read(ann))?.disabled).toBe(true);
      expect(await directory.read(bob)).toBeNull();
      expect(await directory.find('bob', ['username'])).toBeNull();
      expect(await directory.verifyPassword(bob, 'battery staple')).toBe('wrong');
    });

    it('accepts a new password at once', async () => {
      const ann = await idOf('ann');
      await bench.put([{ ...ANN, password: 'new words' }, BOB]);
      expect(await directory.verifyPassword(ann, 'correct horse')).toBe('wrong');
      expect(await directory.verifyPassword(ann, 'new words')).toBe('right');
    });

    it('announces nothing to a listener that was removed', async () => {
      const told: (string | null)[] = [];
      directory.watch((id) => told.push(id))();
      await bench.put([BOB]);
      directory.freshFor();
      expect(told).toEqual([]);
    });

    it('is empty when all users are deleted, disabled ones included', async () => {
      expect(await directory.isEmpty()).toBe(false);
      await bench.put([BOB]);
      expect(await directory.isEmpty()).toBe(false);
      await bench.put([]);
      expect(await directory.isEmpty()).toBe(true);
    });

    it('rejects reads after it is closed', async () => {
      await believed();
      await directory.close();
      expect(directory.freshFor()).toBe(0);
    });
  });
}
