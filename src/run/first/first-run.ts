/**
 * The first users of a machine that tries the demo apps. They are created once, with random
 * passwords, and never change existing users.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FirstUser } from '../../cli/shell/banner.ts';
import type { WritableDirectory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Random } from '../../core/values/system.ts';
import { generatePassphrase } from '../../passwords/passphrase.ts';

/** Name of the file in `data_dir` with the first users' passwords. */
export const SIGN_IN_FILE = 'first-sign-in.txt';
/** Records that the first users have been created, so that they do not return after they are deleted. */
const MADE_FILE = 'first-users-made';

/** Group of the first administrator. */
export const ADMIN_GROUP = 'admins';

const FIRST = [
  {
    name: 'admin',
    displayName: 'Administrator',
    groups: [ADMIN_GROUP],
    note: 'administrator',
  },
  {
    name: 'ann',
    displayName: 'Ann Example',
    groups: [],
    note: 'regular user: try the notes app',
  },
] as const;

/** Marks users who may sign in only if every listener is loopback. */
const DEMO_ATTRIBUTE = 'demo';

/**
 * Creates the first users of an empty directory, and returns them as long as the file with their
 * passwords exists. Only the administrator's password is returned, once; the file contains all.
 */
export async function firstUsers(
  users: WritableDirectory,
  passwords: Pick<Passwords, 'hash'>,
  random: Random,
  dataDir: string,
): Promise<readonly FirstUser[]> {
  const path = join(dataDir, SIGN_IN_FILE);
  const marker = join(dataDir, MADE_FILE);
  if ((await users.list(null, 1)).length > 0) {
    return (await isThere(path))
      ? FIRST.map(({ name, note }) => ({ name, password: null, note }))
      : [];
  }
  if (await isThere(marker)) return [];
  const made = FIRST.map((user) => ({ ...user, password: generatePassphrase(random) }));
  const text = made.map(({ name, password }) => `${name} / ${password}\n`).join('');
  // Written before the users: a crash in between leaves an unused file, never a lost password.
  await writeFile(path, text, { mode: 0o600 });
  for (const { name, displayName, groups, password } of made) {
    const attributes = { [DEMO_ATTRIBUTE]: true };
    const address = { email: `${name}@demo.localhost`, emailVerified: true };
    const hash = await passwords.hash(password);
    await users.create({ name, displayName, ...address, groups: [...groups], attributes }, hash);
  }
  await writeFile(marker, '', { mode: 0o600 });
  return made.map(({ name, password, note }) => ({
    name,
    password: name === 'admin' ? password : null,
    note,
  }));
}

function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}

/** Refuses to start with demo users if other machines can reach a listener. */
export async function refuseDemoUsers(users: WritableDirectory): Promise<void> {
  for (const { name } of FIRST) {
    const user = await users.find(name, ['username']);
    if (user === null || user.disabled || user.attributes[DEMO_ATTRIBUTE] !== true) continue;
    throw new Problem(
      'demo/not-loopback',
      `${name} is a demo user, but this gateway listens beyond loopback. Run doorward user delete ${name} or doorward user disable ${name}.`,
    );
  }
}
