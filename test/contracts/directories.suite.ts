/** What every directory promises to whoever signs people in. Each kind is seeded with the same people. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/core/people/directory.ts';
import { until } from '../support/until.ts';

/** Somebody to seed a directory with. Unspecified: no e-mail, no groups, enabled. */
export interface Seed {
  readonly name: string;
  readonly email?: string;
  readonly displayName?: string;
  readonly groups?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly disabled?: boolean;
  readonly password: string;
}

/** A directory under test, and the hand of whoever administers it. */
export interface Bench {
  readonly directory: Directory;
  /** Makes the directory hold exactly these people, as another process would, and known to `directory`. */
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

    it('tells all it knows about somebody', async () => {
      const user = await directory.find('ann', ['username']);
      expect(user).toEqual({
        id: user?.id,
        name: 'ann',
        displayName: 'Ann Example',
        email: 'Ann@Example.com',
        emailVerified: true,
        groups: ['staff', 'legal'],
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
      'finds ann by the address %j, where addresses are asked for',
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
    ])('knows nobody called %j', async (login) => {
      expect(await directory.find(login, ['username', 'email'])).toBeNull();
    });

    it('does not find a name where only addresses are asked for, nor anybody for no key', async () => {
      expect(await directory.find('ann', ['email'])).toBeNull();
      expect(await directory.find('ann', [])).toBeNull();
      // Bob has no address; an empty one finds nobody.
      expect(await directory.find('', ['email'])).toBeNull();
    });

    it.each(['', 'nobody', 'elsewhere/ann', '__proto__', 'file/', 'embedded/'])(
      'reads nobody under the id %j',
      async (id) => {
        expect(await directory.read(id)).toBeNull();
      },
    );

    it('verifies the right password, no other, and nobody’s', async () => {
      const id = await idOf('ann');
      expect(await directory.verifyPassword(id, 'correct horse')).toBe('right');
      expect(await directory.verifyPassword(id, 'battery staple')).toBe('wrong');
      expect(await directory.verifyPassword(id, '')).toBe('wrong');
      for (const unknown of [null, `${directory.name}/nobody`]) {
        expect(await directory.verifyPassword(unknown, 'correct horse')).toBe('wrong');
        expect(await directory.verifyPassword(unknown, 'battery staple')).toBe('wrong');
      }
    });

    it('shows that somebody is disabled', async () => {
      expect((await directory.find('bob', ['username']))?.disabled).toBe(true);
      expect((await directory.read(await idOf('bob')))?.disabled).toBe(true);
    });

    it('tells who changed, and only who changed', async () => {
      const [ann, bob] = [await idOf('ann'), await idOf('bob')];
      const told: (string | null)[] = [];
      directory.watch((id) => told.push(id));
      await bench.put([{ ...ANN, groups: ['staff'] }, BOB]);
      expect(directory.freshFor()).toBeGreaterThan(0);
      expect(told).toContain(ann);
      expect(told).not.toContain(bob);
      expect((await directory.read(ann))?.groups).toEqual(['staff']);
    });

    it('tells who was disabled and who was deleted, and reads them so', async () => {
      const [ann, bob] = [await idOf('ann'), await idOf('bob')];
      const told: (string | null)[] = [];
      directory.watch((id) => told.push(id));
      await bench.put([{ ...ANN, disabled: true }]);
      expect(directory.freshFor()).toBeGreaterThan(0);
      expect(new Set(told)).toEqual(new Set([ann, bob]));
      expect((await directory.read(ann))?.disabled).toBe(true);
      expect(await directory.read(bob)).toBeNull();
      expect(await directory.find('bob', ['username'])).toBeNull();
      expect(await directory.verifyPassword(bob, 'battery staple')).toBe('wrong');
    });

    it('takes a new password at once', async () => {
      const ann = await idOf('ann');
      await bench.put([{ ...ANN, password: 'new words' }, BOB]);
      expect(await directory.verifyPassword(ann, 'correct horse')).toBe('wrong');
      expect(await directory.verifyPassword(ann, 'new words')).toBe('right');
    });

    it('tells nothing to whoever has stopped listening', async () => {
      const told: (string | null)[] = [];
      directory.watch((id) => told.push(id))();
      await bench.put([BOB]);
      directory.freshFor();
      expect(told).toEqual([]);
    });

    it('is empty when nobody is left in it, disabled or not', async () => {
      expect(await directory.isEmpty()).toBe(false);
      await bench.put([BOB]);
      expect(await directory.isEmpty()).toBe(false);
      await bench.put([]);
      expect(await directory.isEmpty()).toBe(true);
    });

    it('is not to be believed once it is closed', async () => {
      // A file that was written just now may be heard of a moment later.
      await until('trust in it', () => directory.freshFor() > 0);
      await directory.close();
      expect(directory.freshFor()).toBe(0);
    });
  });
}
