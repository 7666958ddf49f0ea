import { describe, expect, it } from 'vitest';
import { aUser } from '../../test/support/policy-input.ts';
import type { ChangeListener } from '../core/people/session-store.ts';
import type { Directory } from '../core/people/directory.ts';
import { Problem } from '../core/values/problem.ts';
import { chainDirectories } from './chain.ts';

/** A directory of usernames that records its calls. */
function fake(name: string, people: readonly string[]) {
  const queried: string[] = [];
  let listener: ChangeListener | null = null;
  const state = { freshness: Number.POSITIVE_INFINITY, failing: false, closed: false };
  const directory: Directory = {
    name,
    async find(login) {
      queried.push(`find ${login}`);
      if (state.failing) throw new Problem('directory/unavailable', 'down', { status: 503 });
      return people.includes(login) ? aUser({ id: `${name}/${login}`, name: login }) : null;
    },
    async read(id) {
      queried.push(`read ${id}`);
      return people.includes(id.slice(name.length + 1))
        ? aUser({ id, name: id.slice(name.length + 1) })
        : null;
    },
    async verifyPassword(id) {
      queried.push(`verify ${id}`);
      return id === null ? 'wrong' : 'right';
    },
    async isEmpty() {
      queried.push('empty');
      return people.length === 0;
    },
    watch(given) {
      listener = given;
      return () => {
        listener = null;
      };
    },
    freshFor() {
      queried.push('fresh');
      return state.freshness;
    },
    async close() {
      state.closed = true;
    },
  };
  return { directory, queried, state, notify: (id: string | null) => listener?.(id) };
}

function both() {
  const first = fake('embedded', ['ann', 'root']);
  const second = fake('file', ['bob', 'root']);
  return { first, second, chain: chainDirectories([first.directory, second.directory]) };
}

describe('several directories as one', () => {
  it('use the first that knows a name', async () => {
    const { first, second, chain } = both();
    expect((await chain.find('root', ['username']))?.id).toBe('embedded/root');
    expect(second.queried).toEqual([]);
    expect((await chain.find('bob', ['username']))?.id).toBe('file/bob');
    expect(await chain.find('unknown', ['username'])).toBeNull();
    expect(first.queried).toEqual([
      'find root',
      'find bob',
      // Whether the name or address is known here as well.
      'find bob',
      'find ann@example.com',
      'find unknown',
    ]);
  });

  it('never skip a failing directory', async () => {
    const { first, second, chain } = both();
    first.state.failing = true;
    await expect(chain.find('root', ['username'])).rejects.toMatchObject({ status: 503 });
    expect(second.queried).toEqual([]);
  });

  it('read and verify where the id says', async () => {
    const { first, second, chain } = both();
    expect(await chain.read('file/bob')).not.toBeNull();
    expect(await chain.verifyPassword('file/bob', 'x')).toBe('right');
    expect(first.queried).not.toContain('read file/bob');
    expect(first.queried).not.toContain('verify file/bob');
    expect(second.queried).toEqual(['read file/bob', 'read file/bob', 'verify file/bob']);
  });

  it.each(['', '/', '/ann', 'ann', 'ldap/ann', '__proto__/ann', 'embedded'])(
    'find no user with the id %j, and do the work anyway',
    async (id) => {
      const { first, second, chain } = both();
      expect(await chain.read(id)).toBeNull();
      expect(await chain.verifyPassword(id, 'x')).toBe('wrong');
      expect([...first.queried, ...second.queried]).toEqual(['read ', 'verify null']);
    },
  );

  it('ask the user’s directory for a password, and assume one if that is unknown', async () => {
    const { first, chain } = both();
    expect(await chain.hasPassword?.('embedded/ann')).toBe(true);
    const told = chainDirectories([
      { ...first.directory, hasPassword: (id) => Promise.resolve(id === 'embedded/root') },
    ]);
    expect(await told.hasPassword?.('embedded/root')).toBe(true);
    expect(await told.hasPassword?.('embedded/ann')).toBe(false);
    expect(await told.hasPassword?.('ldap/ann')).toBe(false);
  });

  it('know in which of them users can choose a new password', () => {
    const { first, second } = both();
    const ldap = { ...second.directory, name: 'ldap', passwordChanger: () => null };
    const users = { ...first.directory, setPassword: () => Promise.resolve() };
    const chain = chainDirectories([users, second.directory, ldap]);
    expect(chain.renewable).toEqual(['embedded', 'ldap']);
  });

  it('do the work once for an unknown user', async () => {
    const { first, second, chain } = both();
    expect(await chain.verifyPassword(null, 'x')).toBe('wrong');
    expect([...first.queried, ...second.queried]).toEqual(['verify null']);
    expect(await chainDirectories([]).verifyPassword(null, 'x')).toBe('wrong');
  });

  it('are empty only when each of them is', async () => {
    const none = fake('embedded', []).directory;
    expect(await chainDirectories([none, fake('file', []).directory]).isEmpty()).toBe(true);
    expect(await chainDirectories([none, fake('file', ['bob']).directory]).isEmpty()).toBe(false);
  });

  it('are trusted for as long as the least of them, and query each of them', () => {
    const { first, second, chain } = both();
    expect(chain.freshFor()).toBe(Number.POSITIVE_INFINITY);
    second.state.freshness = 60_000;
    expect(chain.freshFor()).toBe(60_000);
    first.state.freshness = 0;
    expect(chain.freshFor()).toBe(0);
    expect(second.queried).toEqual(['fresh', 'fresh', 'fresh']);
  });

  it('announce the changes of each until the listener is removed', () => {
    const { first, second, chain } = both();
    const told: (string | null)[] = [];
    const stop = chain.watch((id) => told.push(id));
    first.notify('embedded/ann');
    second.notify(null);
    stop();
    first.notify('embedded/root');
    expect(told).toEqual(['embedded/ann', null]);
  });

  it('are all closed, even if one cannot be', async () => {
    const { first, second } = both();
    const broken = { ...first.directory, close: () => Promise.reject(new Error('stuck')) };
    await expect(chainDirectories([broken, second.directory]).close()).rejects.toThrow('stuck');
    expect(second.state.closed).toBe(true);
  });

  it('must have different names', () => {
    const { first } = both();
    expect(() => chainDirectories([first.directory, first.directory])).toThrow('another name');
  });
});
