import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { foldName, type User } from '../people/user.ts';
import { Problem } from '../values/problem.ts';
import { findPerson } from './person.ts';

const ann = testUser();
const annOfHr = testUser({ id: 'hr/ann', email: 'ann@hr.example' });
const bob = testUser({
  id: 'fake/bob',
  name: 'bob',
  email: 'bob@example.com',
  emailVerified: false,
});

/** A directory that, as the port demands, finds none if several are meant. */
function directoryOf(...users: readonly User[]) {
  return {
    find(login: string, by: readonly ('username' | 'email')[]): Promise<User | null> {
      const wanted = foldName(login);
      const meant = users.filter(
        ({ name, email, emailVerified }) =>
          (by.includes('username') && name === wanted) ||
          (by.includes('email') && emailVerified && email === wanted),
      );
      return Promise.resolve(meant.length === 1 ? (meant[0] ?? null) : null);
    },
    read: (id: string) => Promise.resolve(users.find((user) => user.id === id) ?? null),
  };
}

describe('the user that an operator names', () => {
  it.each(['ann', ' ANN ', 'ann@example.com', 'fake/ann'])('is found by %j', async (login) => {
    expect(await findPerson(directoryOf(ann, bob), login)).toEqual({
      id: 'fake/ann',
      name: 'ann',
      user: ann,
    });
  });

  it.each(['carol', 'bob@example.com', ''])('is unknown for %j', async (login) => {
    expect(await findPerson(directoryOf(ann, bob), login)).toBeNull();
  });

  it('is neither of two with the same name, but each by ID or email address', async () => {
    const directory = directoryOf(ann, annOfHr);
    expect(await findPerson(directory, 'ann')).toBeNull();
    expect((await findPerson(directory, 'hr/ann'))?.user).toBe(annOfHr);
    expect((await findPerson(directory, 'ann@example.com'))?.user).toBe(ann);
  });

  it('can be a deleted user, by ID', async () => {
    expect(await findPerson(directoryOf(ann), 'fake/gone')).toEqual({
      id: 'fake/gone',
      name: 'fake/gone',
      user: null,
    });
  });

  it('is not taken for deleted if the directory does not answer', async () => {
    const fault = new Problem('directory/unavailable', 'down', { status: 503 });
    const down = { ...directoryOf(), read: () => Promise.reject(fault) };
    await expect(findPerson(down, 'fake/ann')).rejects.toBe(fault);
  });
});
