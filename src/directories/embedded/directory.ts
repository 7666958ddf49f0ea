/** Users in `directory.db`, for the gateway and the command line. Stores hashes, never passwords. */
import { z } from 'zod';
import type { AdapterTools, DirectoryKind } from '../../core/setup/adapters.ts';
import { groupByCost, type HashCost } from '../../core/people/hash-cost.ts';
import type { NewUser, WritableDirectory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import type { Clock } from '../../core/values/system.ts';
import { Problem } from '../../core/values/problem.ts';
import { foldName, type User } from '../../core/people/user.ts';
import { type ChangeLog, type ChangesTiming, openChangeLog } from '../../database/change-log.ts';
import type { Database, WriteOptions } from '../../database/database.ts';
import type { Steps } from '../../database/sql.ts';
import { openSqlite } from '../../database/sqlite.ts';
import { listUsers } from './listing.ts';
import { readChanges } from './limits.ts';
import { type Usernames, usernames } from './new-name.ts';
import { directoryFile } from './pair.ts';
import { readNamed, type UserRules, userRules } from './rules.ts';
import { DIRECTORY_KIND } from './schema.ts';
import { users } from './users.ts';

export { DIRECTORY_FILE } from './pair.ts';

const config = z
  .strictObject({ usernames })
  .describe('Users in a file under data_dir, managed with doorward user.');

/** Without a request that asks, changes of other processes show within `poll`. */
const TIMING: ChangesTiming = { believed: 1, poll: 250 };

/** `{ type: embedded, usernames: ascii }`. */
export const embedded: DirectoryKind<z.infer<typeof config>> = {
  type: 'embedded',
  config,
  open: async (options, tools) => openEmbeddedDirectory(tools, TIMING, options.usernames),
  users: async (_config, { dataDir }) => listUsers(directoryFile(dataDir)),
};

/** Hashes sampled to learn what verifying costs here: a few milliseconds of work. */
const COSTS_SAMPLE = 2_000;
/** How long the sample is good for while no change is announced, in milliseconds: other processes may rehash. */
const COSTS_FRESH_FOR = 60_000;
/** Users created per transaction: a fraction of a second, so that others can write in between. */
const BATCH = 1_000;
/** Longest name or address that is looked up, in UTF-16 units. */
const MAX_LOGIN = 254;

/** Opens the file. Problems `directory/unusable` and `directory/newer`. */
export function openEmbeddedDirectory(
  tools: Pick<AdapterTools, 'clock' | 'random' | 'passwords' | 'dataDir'>,
  timing: ChangesTiming = TIMING,
  allowedNames: Usernames = 'ascii',
): WritableDirectory {
  const { clock, passwords } = tools;
  const db = openSqlite(directoryFile(tools.dataDir), DIRECTORY_KIND);
  const changes = openChangeLog(db, { id: 'user_id' }, timing);
  const rules = userRules(tools, allowedNames);
  const costs = hashCosts({ db, changes, clock, passwords });

  return {
    name: 'embedded',
    ...lookups(db),
    ...passwordChecks(db, passwords),
    ...writing({ db, changes, clock, rules }),
    hashCosts: () => costs.read(),
    watch: (listener) => changes.watch(listener),
    freshFor: () => (changes.isCoherent() ? Number.POSITIVE_INFINITY : 0),
    async close() {
      costs.stop();
      changes.stop();
      db.close();
    },
  };
}

function lookups(db: Database) {
  return {
    async find(login, by) {
      const folded = login.length > MAX_LOGIN ? '' : foldName(login);
      if (folded === '') return null;
      return db.read(function* () {
        for (const field of by) {
          const found = yield* field === 'username' ? users.byName(folded) : users.byEmail(folded);
          if (found !== null) return found.user;
        }
        return null;
      });
    },
    read: async (id) => (await db.read(() => users.byId(id)))?.user ?? null,
    async knows(login) {
      const folded = foldName(login);
      return db.read(function* () {
        return (yield* users.byName(folded)) !== null || (yield* users.byEmail(folded)) !== null;
      });
    },
    findAlike: (name, except) => db.read(() => users.nameAlike(name, except ?? '')),
    isEmpty: async () => (await db.read(() => users.list('', 1))).length === 0,
    async list(after, limit) {
      const found = await db.read(() => users.list(after === null ? '' : foldName(after), limit));
      return found.map(({ user }) => user);
    },
  } satisfies Partial<WritableDirectory>;
}

function passwordChecks(db: Database, passwords: Passwords) {
  const hashOf = async (id: string): Promise<string | null> =>
    (await db.read(() => users.byId(id)))?.passwordHash ?? null;

  /** Replaces the hash that was just verified by an up-to-date one, unless it has changed since. */
  async function rehash(id: string, hash: string, password: string): Promise<void> {
    try {
      const better = await passwords.hash(password);
      await db.write(() => users.replaceHash(id, hash, better));
    } catch (caught) {
      // Named fallback: the old hash stays, and the right password still signs in.
      if (!(caught instanceof Problem)) throw caught;
    }
  }
  return {
    async verifyPassword(id, password) {
      const hash = id === null ? null : await hashOf(id);
      const verdict = await passwords.verify(hash, password);
      if (verdict === 'right' && id !== null && hash !== null && passwords.isOutdated(hash)) {
        await rehash(id, hash, password);
      }
      return verdict;
    },
    hasPassword: async (id) => (await hashOf(id)) !== null,
  } satisfies Partial<WritableDirectory>;
}

interface CostParts {
  readonly db: Database;
  readonly changes: Pick<ChangeLog, 'watch'>;
  readonly clock: Clock;
  readonly passwords: Pick<Passwords, 'costOf'>;
}

/** What verifying the hashes of this directory costs, sampled now and then. */
function hashCosts({ db, changes, clock, passwords }: CostParts) {
  let costs: { readonly at: number; readonly list: readonly HashCost[] } | null = null;
  const stop = changes.watch(() => (costs = null));
  return {
    stop,
    async read(): Promise<readonly HashCost[]> {
      const now = clock.now();
      if (costs !== null && Math.abs(now - costs.at) <= COSTS_FRESH_FOR) return costs.list;
      const hashes = await db.read(() => users.sampleHashes(COSTS_SAMPLE));
      const list = groupByCost(hashes, (hash) => passwords.costOf(hash));
      costs = { at: now, list };
      return list;
    },
  };
}

interface WritingParts {
  readonly db: Database;
  readonly changes: ChangeLog;
  readonly clock: Clock;
  readonly rules: UserRules;
}

function writing({ db, changes, clock, rules }: WritingParts) {
  /** One write about one user: recorded with it, announced after it. */
  async function write<T>(id: string, change: () => Steps<T>, options?: WriteOptions): Promise<T> {
    const result = await db.write(function* () {
      const done = yield* change();
      yield* changes.record([id]);
      return done;
    }, options);
    changes.announce([id]);
    return result;
  }
  /** One of many, inside their transaction. */
  function* createOne(entry: NewUser): Steps<User | Problem> {
    try {
      const created = rules.newUser(entry);
      yield* rules.checkFree(created, null);
      yield* users.insert(created, entry.passwordHash, clock.now());
      return created;
    } catch (caught) {
      // Named fallback: the Problem of this one is returned; nothing of it was written.
      if (caught instanceof Problem) return caught;
      throw caught;
    }
  }
  function* createBatch(entries: readonly NewUser[]): Steps<readonly (User | Problem)[]> {
    const results: (User | Problem)[] = [];
    for (const entry of entries) results.push(yield* createOne(entry));
    yield* changes.record(idsOf(results));
    return results;
  }
  return {
    async checkName(user, id) {
      const checked = readNamed(user);
      await db.read(function* () {
        if (id === null) yield* rules.named(checked, null);
        else yield* rules.changed((yield* rules.known(id)).user, checked);
      });
    },
    async create(user, passwordHash, setAt = clock.now()) {
      const given = rules.newUser({ user, passwordHash, setAt });
      return write(given.id, function* () {
        yield* rules.checkFree(given, null);
        const created = yield* rules.named(given, null);
        yield* users.insert(created, passwordHash, clock.now());
        return created;
      });
    },
    async createAll(entries) {
      const results: (User | Problem)[] = [];
      for (let at = 0; at < entries.length; at += BATCH) {
        const batch = entries.slice(at, at + BATCH);
        const created = await db.write(() => createBatch(batch));
        changes.announce(idsOf(created));
        results.push(...created);
      }
      return results;
    },
    async update(id, given) {
      const checked = readChanges(given);
      return write(
        id,
        function* () {
          const after = yield* rules.changed((yield* rules.known(id)).user, checked);
          yield* users.update(after, clock.now());
          return after;
        },
        { ending: checked.disabled === true },
      );
    },
    async setPassword(id, passwordHash, setAt = clock.now()) {
      rules.checkPassword(passwordHash, setAt);
      await write(
        id,
        function* () {
          yield* rules.known(id);
          yield* users.setHash(id, passwordHash, clock.now(), setAt);
        },
        // A new password takes access away from anyone who knows the old one.
        { ending: true },
      );
    },
    async delete(id) {
      await write(
        id,
        function* () {
          yield* rules.known(id);
          yield* users.remove(id);
        },
        { ending: true },
      );
    },
  } satisfies Partial<WritableDirectory>;
}

function idsOf(results: readonly (User | Problem)[]): readonly string[] {
  return results.flatMap((result) => (result instanceof Problem ? [] : [result.id]));
}
