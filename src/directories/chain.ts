/**
 * All configured directories as one: asked in order, the first that knows a name answers for
 * it. A directory that fails is never skipped, since the next one may know another user by that name.
 * A user whose name or verified address an earlier directory knows is refused: apps could not tell
 * the two apart.
 */

import type { Directory } from '../core/people/directory.ts';
import type { EventSink } from '../core/access/event.ts';
import { Problem } from '../core/values/problem.ts';
import type { PasswordVerdict } from '../core/people/password.ts';
import type { User } from '../core/people/user.ts';
import { type DecoyTools, hashCosts, verifyDecoy } from './decoys.ts';
import { findNamesake, isKnown } from './names.ts';

/** What joining directories needs. */
export interface ChainTools extends DecoyTools {
  readonly events: EventSink;
}

/** Refused users that are remembered, so that each is logged only once. */
const MAX_REPORTED = 1_000;

/**
 * Joins directories; their names must differ (Problem `directory/name`). Without tools (tests of a
 * single part) unknown names cost what the first directory takes for them, and refusals are not logged.
 */
export function chainDirectories(
  directories: readonly Directory[],
  tools: ChainTools | null = null,
): Directory {
  const admit = createAdmission(directories, tools === null ? null : tools.events);
  const ownerOf = ownership(directories);
  /** The last directory from which a user was returned: that depended on all earlier ones. */
  let furthest = 0;

  async function read(id: string): Promise<User | null> {
    const owner = ownerOf(id);
    if (owner === null) {
      // An unknown id takes a lookup as well.
      await directories[0]?.read('');
      return null;
    }
    // Before anything is read: a change from here on is announced.
    furthest = Math.max(furthest, owner.index);
    return admit(await owner.directory.read(id), owner.index);
  }

  const verify = verifierOf(directories, { tools, ownerOf, read });

  return {
    name: 'all',
    ...lookups(directories, admit),
    read,
    verifyPassword: (id, password, login = '') => verify('verifyPassword', id, password, login),
    feignPassword: (id, password, login = '') => verify('feignPassword', id, password, login),
    hashCosts: () => hashCosts(directories),
    async hasPassword(id) {
      const owner = ownerOf(id);
      return owner !== null && ((await owner.directory.hasPassword?.(id)) ?? true);
    },
    passwordChanger: (id) => ownerOf(id)?.directory.passwordChanger?.(id) ?? null,
    watch(listener) {
      const stops = directories.map((directory, index) =>
        directory.watch((id) => {
          listener(id);
          // A new name here may be the name of a user in a later directory, who is refused from now on.
          if (id !== null && index < furthest) listener(null);
        }),
      );
      return () => stops.forEach((stop) => stop());
    },
    // Each directory is asked, since asking is how some of them notice changes.
    freshFor: () => Math.min(...directories.map((directory) => directory.freshFor())),
    close: () => closeAll(directories),
  };
}

function isRenewable(directory: Directory): boolean {
  return 'setPassword' in directory || 'passwordChanger' in directory;
}

/** What verifying over several directories needs. */
interface VerifierParts {
  readonly tools: ChainTools | null;
  readonly ownerOf: (id: string) => Owner | null;
  readonly read: (id: string) => Promise<User | null>;
}

/** Verifies a password, or feigns to, with the directory of the user or of the decoy. */
function verifierOf(directories: readonly Directory[], { tools, ownerOf, read }: VerifierParts) {
  /** Whether a password of this user is to be verified against a hash of their own. */
  async function isVerifiable(id: string, { directory, index }: Owner): Promise<boolean> {
    if (index > 0 && (await read(id)) === null) return false;
    return tools === null || ((await directory.hasPassword?.(id)) ?? true);
  }
  return async (
    how: 'verifyPassword' | 'feignPassword',
    id: string | null,
    password: string,
    login: string,
  ): Promise<PasswordVerdict> => {
    const owner = id === null ? null : ownerOf(id);
    if (id !== null && owner !== null && (await isVerifiable(id, owner))) {
      const { directory } = owner;
      if (how === 'verifyPassword') return directory.verifyPassword(id, password, login);
      const feigned = directory.feignPassword?.(id, password, login);
      const verdict = await (feigned ?? directory.verifyPassword(id, password, login));
      return verdict === 'busy' ? 'busy' : 'wrong';
    }
    if (tools !== null) return verifyDecoy(directories, tools, login, password);
    return (await directories[0]?.verifyPassword(null, password)) ?? 'wrong';
  };
}

/** The user, or null if an earlier directory has a user with this name or address. */
type Admit = (user: User | null, index: number) => Promise<User | null>;

/** Reports each refused user once; `events` is null where nothing is logged. */
function createAdmission(directories: readonly Directory[], events: EventSink | null): Admit {
  const reported = new Set<string>();
  function report(user: User, namesake: Directory): void {
    if (events === null || reported.has(user.id)) return;
    if (reported.size >= MAX_REPORTED) reported.clear();
    reported.add(user.id);
    const cause = new Problem('directory/namesake', namesakeWords(user, namesake.name));
    events.emit({ type: 'fault', code: 'directory/namesake', requestId: null, cause });
  }
  return async (user, index) => {
    if (user === null || index === 0) return user;
    const namesake = await findNamesake(user, directories.slice(0, index));
    if (namesake === null) return user;
    report(user, namesake);
    return null;
  };
}

/** Lookups in all directories, in order, and what they can do. */
function lookups(directories: readonly Directory[], admit: Admit) {
  return {
    renewable: directories.filter(isRenewable).map((one) => one.name),
    async find(login, by) {
      for (const [index, directory] of directories.entries()) {
        const user = await directory.find(login, by);
        if (user !== null) return admit(user, index);
      }
      return null;
    },
    async knows(login) {
      for (const directory of directories) if (await isKnown(directory, login)) return true;
      return false;
    },
    async isEmpty() {
      for (const directory of directories) if (!(await directory.isEmpty())) return false;
      return true;
    },
  } satisfies Partial<Directory>;
}

/** Closes each directory, even if another cannot be closed. */
async function closeAll(directories: readonly Directory[]): Promise<void> {
  const closed = await Promise.allSettled(directories.map((directory) => directory.close()));
  for (const result of closed) if (result.status === 'rejected') throw result.reason;
}

/** Why a user is refused, and the remedy. */
function namesakeWords(user: Pick<User, 'id' | 'name'>, earlier: string): string {
  return (
    `The user ${user.name} (${user.id}) is refused: the directory ${earlier}, which comes earlier, ` +
    'knows the same name or address. Rename or remove one of the two.'
  );
}

/** The directory of a user, and its position. */
interface Owner {
  readonly directory: Directory;
  readonly index: number;
}

/** Finds the directory whose name begins an id. */
function ownership(directories: readonly Directory[]): (id: string) => Owner | null {
  const owners = new Map<string, Owner>();
  for (const [index, directory] of directories.entries()) {
    const { name } = directory;
    if (owners.has(name)) {
      throw new Problem(
        'directory/name',
        `Two directories are called ${name}: give one of them another name.`,
      );
    }
    owners.set(name, { directory, index });
  }
  return (id) => {
    const slash = id.indexOf('/');
    return slash < 1 ? null : (owners.get(id.slice(0, slash)) ?? null);
  };
}
