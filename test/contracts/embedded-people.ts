/** Writes people to an embedded directory, as the command line does. */
import type { WritableDirectory } from '../../src/core/people/directory.ts';
import type { Passwords } from '../../src/core/people/password.ts';
import type { Seed } from './directories.suite.ts';

/** Makes these people all of the users. Users that are already as given are not written. */
export async function putPeople(
  users: WritableDirectory,
  passwords: Passwords,
  people: readonly Seed[],
): Promise<void> {
  const before = await users.list(null, 1000);
  for (const user of before) {
    if (!people.some((p) => p.name === user.name)) await users.delete(user.id);
  }
  for (const { password, ...seed } of people) {
    const person = { ...seed, ...(seed.email === undefined ? {} : { emailVerified: true }) };
    const hash = await passwords.hash(password);
    const old = before.find((user) => user.name === person.name);
    if (old === undefined) {
      await users.create(person, hash);
      continue;
    }
    const { name, displayName, email, emailVerified, groups, attributes, disabled } = old;
    const was = { name, displayName, email, emailVerified, groups, attributes, disabled };
    const is = { ...was, disabled: false, ...person };
    if (JSON.stringify(is) !== JSON.stringify(was)) await users.update(old.id, person);
    if ((await users.verifyPassword(old.id, password)) === 'wrong') {
      await users.setPassword(old.id, hash);
    }
  }
}
