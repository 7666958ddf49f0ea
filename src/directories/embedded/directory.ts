/**
 * Users in one SQLite file under `data_dir`, for the gateway and the command line alike.
 * Keeps hashes, never passwords; a name or address, folded, belongs to one person only.
 */
import { z } from 'zod';
import type { AdapterTools, DirectoryKind } from '../../core/setup/adapters.ts';
import { groupByCost, type HashCost } from '../../core/people/hash-cost.ts';
import type { NewUser, UserChanges, WritableDirectory } from '../../core/people/directory.ts';
import { Problem } from '../../core/values/problem.ts';
import { foldName, type User } from '../../core/people/user.ts';
import type { WriteOptions } from '../../database/database.ts';
import { CHANGES_TIMING, type ChangesTiming, openChanges } from './changes.ts';
import { openDatabase } from './database.ts';
import { listUsers } from './listing.ts';
import { readChanges } from './limits.ts';
import { readNewName, type Usernames, usernames } from './new-name.ts';
import { directoryFile } from './pair.ts';
import { type Row, userOf, usersTable } from './users.ts';

export { DIRECTORY_FILE } from './pair.ts';

const config = z
  .strictObject({ usernames })
  .describe('People in a file under data_dir; see doorward user.');

/** `{ type: embedded, usernames: ascii }`. */
export const embedded: DirectoryKind<z.infer<typeof config>> = {
  type: 'embedded',
  config,
  open: async (options, tools) => openEmbeddedDirectory(tools, CHANGES_TIMING, options.usernames),
  users: async (_config, { dataDir }) => listUsers(directoryFile(dataDir)),
};

/** Hashes that are looked at to know what hashes cost here: a few milliseconds' worth. */
const COSTS_SAMPLE = 2_000;
/** How long that is believed where no change is announced (a hash renewed elsewhere), in milliseconds. */
const COSTS_FRESH_FOR = 60_000;
/** Users that one transaction makes: a fraction of a second, so that others can write in between. */
const BATCH = 1_000;
/** Takes access away, so that it is done even on a full disk. */
const ENDING: WriteOptions = { ending: true };

/** Longest name or address that is looked up. */
const MAX_LOGIN = 254;

type NamedUser = Pick<UserChanges, 'email' | 'emailVerified'> & { readonly name: string };

/** Opens the file. Problems `directory/unusable` and `directory/newer`. */
export function openEmbeddedDirectory(
  tools: Pick<AdapterTools, 'clock' | 'random' | 'passwords' | 'dataDir'>,
  timing: ChangesTiming = CHANGES_TIMING,
  allowedNames: Usernames = 'ascii',
): WritableDirectory {
  const { clock, random, passwords } = tools;
  const db = openDatabase(directoryFile(tools.dataDir));
  const users = usersTable(db);
  const changes = openChanges(db, timing);

  /** One write about one user: recorded with it, told after it. */
  async function write<T>(id: string, change: () => T, options?: WriteOptions): Promise<T> {
    const result = await db.write(() => {
      const done = change();
      changes.record(id);
      return done;
    }, options);
    changes.announce(id);
    return result;
  }

  function known(id: string): Row {
    const row = users.byId(id);
    if (row === null) throw new Problem('user/unknown', 'There is no such user.', { status: 404 });
    return row;
  }

  /** Puts an up-to-date hash in the place of the one just verified, unless it has changed since. */
  async function rehash(id: string, hash: string, password: string): Promise<void> {
    try {
      const better = await passwords.hash(password);
      await db.write(() => users.replaceHash(id, hash, better));
    } catch (caught) {
      // Named fallback: the old hash stays; somebody who gave the right password is not sent away.
      if (!(caught instanceof Problem)) throw caught;
    }
  }

  function newUser({ user, passwordHash, setAt }: NewUser): User {
    const given = readChanges(user) as UserChanges & { name: string };
    checkHash(passwordHash);
    checkTime(setAt);
    return {
      id: `embedded/${random.token(16)}`,
      name: given.name,
      displayName: given.displayName || given.name,
      email: given.email ?? '',
      emailVerified: (given.email ?? '') !== '' && given.emailVerified === true,
      groups: given.groups ?? [],
      attributes: given.attributes ?? {},
      disabled: given.disabled ?? false,
      passwordSetAt: passwordHash === null ? null : setAt,
    };
  }

  /**
   * The user with the new name as it is stored. Problems `user/name`, `user/name-alike`. Names that exist
   * are kept as they are, so that stricter rules lock no user out. Inside a transaction, or for a look.
   */
  function named<U extends NamedUser>(user: U, id: string | null): U {
    const address = user.emailVerified === true ? (user.email ?? '') : '';
    const name = readNewName(user.name, address, allowedNames);
    const alike = users.nameAlike(name, id ?? '');
    if (alike === null) return { ...user, name };
    throw new Problem(
      'user/name-alike',
      `The username ${name} could be mistaken for ${alike}, which exists.`,
      { status: 409 },
    );
  }

  /** A change of a user, with all that follows from it. Inside a transaction, or for a look. */
  function changed(before: User, checked: UserChanges): User {
    const { name = before.name } = checked;
    const after: User = {
      ...before,
      ...checked,
      displayName: (checked.displayName ?? before.displayName) || name,
      emailVerified: isVerified(before, checked),
    };
    checkFree(after, before);
    return foldName(name) === foldName(before.name) ? after : named(after, before.id);
  }

  /** One of many, inside their transaction. */
  function createOne(entry: NewUser): User | Problem {
    try {
      const created = newUser(entry);
      checkFree(created, null);
      users.insert(created, entry.passwordHash, clock.now());
      changes.record(created.id);
      return created;
    } catch (caught) {
      // Named fallback: told of this one; nothing of it was written.
      if (caught instanceof Problem) return caught;
      throw caught;
    }
  }

  let costs: { readonly at: number; readonly list: readonly HashCost[] } | null = null;
  const forgetCosts = changes.watch(() => (costs = null));
  function hashCosts(): readonly HashCost[] {
    const now = clock.now();
    if (costs === null || Math.abs(now - costs.at) > COSTS_FRESH_FOR) {
      const hashes = db.read(() => users.sampleHashes(COSTS_SAMPLE));
      costs = { at: now, list: groupByCost(hashes, (hash) => passwords.costOf(hash)) };
    }
    return costs.list;
  }

  return {
    name: 'embedded',
    async find(login, by) {
      const folded = login.length > MAX_LOGIN ? '' : foldName(login);
      if (folded === '') return null;
      return db.read(() => {
        for (const field of by) {
          const row = field === 'username' ? users.byName(folded) : users.byEmail(folded);
          if (row !== null) return userOf(row);
        }
        return null;
      });
    },
    async read(id) {
      const row = db.read(() => users.byId(id));
      return row === null ? null : userOf(row);
    },
    async verifyPassword(id, password) {
      const hash = id === null ? null : db.read(() => users.byId(id)?.password_hash ?? null);
      const verdict = await passwords.verify(hash, password);
      if (verdict === 'right' && id !== null && hash !== null && passwords.isOutdated(hash)) {
        await rehash(id, hash, password);
      }
      return verdict;
    },
    async knows(login) {
      const folded = foldName(login);
      return db.read(() => users.byName(folded) !== null || users.byEmail(folded) !== null);
    },
    findAlike: async (name, except) => db.read(() => users.nameAlike(name, except ?? '')),
    async checkName(user, id) {
      const checked = readChanges(user) as NamedUser;
      db.read(() => (id === null ? named(checked, null) : changed(userOf(known(id)), checked)));
    },
    hashCosts: async () => hashCosts(),
    hasPassword: async (id) => db.read(() => (users.byId(id)?.password_hash ?? null) !== null),
    isEmpty: async () => db.read(() => users.list('', 1)).length === 0,
    watch: (listener) => changes.watch(listener),
    isCoherent: () => changes.isCoherent(),
    async close() {
      forgetCosts();
      changes.stop();
      db.close();
    },
    async create(user, passwordHash, setAt = clock.now()) {
      const given = newUser({ user, passwordHash, setAt });
      return write(given.id, () => {
        checkFree(given, null);
        const created = named(given, null);
        users.insert(created, passwordHash, clock.now());
        return created;
      });
    },
    async createAll(entries) {
      const results: (User | Problem)[] = [];
      for (let at = 0; at < entries.length; at += BATCH) {
        const made = await db.write(() => entries.slice(at, at + BATCH).map(createOne));
        for (const one of made) if (!(one instanceof Problem)) changes.announce(one.id);
        results.push(...made);
      }
      return results;
    },
    async update(id, given) {
      const checked = readChanges(given);
      const change = (): User => {
        const after = changed(userOf(known(id)), checked);
        users.update(after, clock.now());
        return after;
      };
      return write(id, change, { ending: checked.disabled === true });
    },
    async setPassword(id, passwordHash, setAt = clock.now()) {
      checkHash(passwordHash);
      checkTime(setAt);
      const change = (): void => {
        known(id);
        users.setHash(id, passwordHash, clock.now(), setAt);
      };
      // A new password takes access from those who know the old one.
      await write(id, change, ENDING);
    },
    async delete(id) {
      const change = (): void => {
        known(id);
        users.remove(id);
      };
      await write(id, change, ENDING);
    },
    async list(after, limit) {
      const rows = db.read(() => users.list(after === null ? '' : foldName(after), limit));
      return rows.map(userOf);
    },
  };

  /**
   * A name may not be another user's address either: what is typed must mean one user. An unverified
   * address may be claimed by several users, but not while it is another user's verified one.
   */
  function checkFree(user: User, before: User | null): void {
    const isNewlyVerified = user.emailVerified && before?.emailVerified !== true;
    for (const [text, was] of [
      [user.name, before?.name],
      [user.email, isNewlyVerified ? undefined : before?.email],
    ] as const) {
      const folded = foldName(text);
      if (was !== undefined && foldName(was) === folded) continue;
      if (folded === '') continue;
      const owners = [users.byName(folded), users.byEmail(folded)];
      if (owners.some((owner) => owner !== null && owner.id !== user.id)) {
        throw new Problem('user/exists', `Somebody has the name or address ${text} already.`, {
          status: 409,
        });
      }
    }
  }

  function checkHash(hash: string | null): void {
    if (hash !== null && !passwords.isHash(hash)) {
      throw new Problem('user/password', 'This is no password hash that Doorward understands.', {
        status: 400,
      });
    }
  }
}

/** A verified address stays so; a new one is verified only if the change says so. */
function isVerified(before: User, { email, emailVerified }: UserChanges): boolean {
  if ((email ?? before.email) === '') return false;
  const isSame = email === undefined || foldName(email) === foldName(before.email);
  return emailVerified ?? (isSame && before.emailVerified);
}

function checkTime(setAt: number | null): void {
  if (setAt === null || Number.isSafeInteger(setAt)) return;
  throw new Problem('user/password', 'This is no time at which a password was set.', {
    status: 400,
  });
}
