/** What operators should know about the users of all directories together. Pure. */
import type { ListedUser } from '../core/setup/adapters.ts';
import type { Advice } from '../core/setup/advice.ts';
import type { Passwords } from '../core/people/password.ts';
import { foldName } from '../core/people/user.ts';
import { loginsOf } from './names.ts';

/** A directory with its users. */
export interface ListedDirectory {
  /** `directories[1]`. */
  readonly path: string;
  readonly users: readonly ListedUser[];
}

/** Names listed at most. */
const SHOWN = 5;
/** Rounds of SHA-crypt that take about half a second here, in JavaScript. */
const SLOW_ROUNDS = 100_000;

/** What is asked about a hash. */
type Hashes = Pick<Passwords, 'costOf' | 'isQuick'>;

/**
 * Users who are refused for a namesake in an earlier directory, and hashes that are slow to verify or quickly
 * guessed.
 */
export function adviceOnUsers(
  directories: readonly ListedDirectory[],
  passwords: Hashes,
): readonly Advice[] {
  const hashes = [slowHashes, quickHashes].flatMap((adviseOn) =>
    directories.flatMap(({ path, users }) =>
      adviseOn(users, passwords).map((a) => ({ path, ...a })),
    ),
  );
  return [...namesakes(directories), ...hashes];
}

function namesakes(directories: readonly ListedDirectory[]): readonly Advice[] {
  const known = new Set<string>();
  const advice: Advice[] = [];
  for (const { path, users } of directories) {
    const own = users.map(({ user }) => ({ user, logins: loginsOf(user).map(foldName) }));
    const refused = own.filter(({ logins }) => logins.some((login) => known.has(login)));
    // Names of refused users count too: no later user may have them.
    for (const { logins } of own) for (const login of logins) known.add(login);
    if (refused.length === 0) continue;
    const names = listed(refused.map(({ user }) => user.name));
    const message =
      `${userCount(refused.length)} refused, since an earlier directory has the same name or address: ` +
      `${names}. Rename or remove one of each two`;
    advice.push({ path, level: 'warning', message });
  }
  return advice;
}

type HashAdvice = readonly Omit<Advice, 'path'>[];

function slowHashes(users: readonly ListedUser[], { costOf }: Hashes): HashAdvice {
  const slow = users.filter(({ passwordHash }) => {
    const cost = passwordHash === null ? null : costOf(passwordHash);
    const rounds = /^sha-crypt \d (\d+)$/.exec(cost ?? '')?.[1];
    return Number(rounds ?? 0) > SLOW_ROUNDS;
  });
  if (slow.length === 0) return [];
  const message =
    `SHA-crypt with more than ${SLOW_ROUNDS} rounds takes over half a second a sign-in, several times ` +
    `as long as with glibc: ${namesOf(slow)}. ${REMEDY}`;
  return [{ level: 'note', message }];
}

function quickHashes(users: readonly ListedUser[], { isQuick }: Hashes): HashAdvice {
  const quick = users.filter(({ passwordHash }) => passwordHash !== null && isQuick(passwordHash));
  if (quick.length === 0) return [];
  const message =
    'an attacker who reads these password hashes can guess at them a million times a second and more: ' +
    `${namesOf(quick)}. ${REMEDY}`;
  return [{ level: 'warning', message }];
}

const REMEDY =
  'Make new hashes with doorward hash, or import the users: the embedded directory replaces old hashes at sign-in';

function namesOf(users: readonly ListedUser[]): string {
  return listed(users.map(({ user }) => user.name));
}

function userCount(count: number): string {
  return count === 1 ? '1 user is' : `${count} users are`;
}

function listed(names: readonly string[]): string {
  const more = names.length - SHOWN;
  const shown = names.slice(0, SHOWN).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
