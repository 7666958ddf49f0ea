/** Users in `directory.db` or in Postgres, for the gateway and the command line. Stores hashes, never passwords. */
import { z } from 'zod';
import type { AdapterTools, DirectoryKind } from '../../core/setup/adapters.ts';
import type { PostgresAddress } from '../../core/setup/postgres-address.ts';
import { groupByCost, type HashCost } from '../../core/people/hash-cost.ts';
import type { WritableDirectory } from '../../core/people/directory.ts';
import type { Passwords } from '../../core/people/password.ts';
import type { Clock } from '../../core/values/system.ts';
import { Problem } from '../../core/values/problem.ts';
import { foldName } from '../../core/people/user.ts';
import { type ChangeLog, type ChangesTiming, openChangeLog } from '../../database/change-log.ts';
import type { Database } from '../../database/database.ts';
import { openChangeFeed } from '../../database/postgres/change-feed.ts';
import { openPostgres } from '../../database/postgres/postgres.ts';
import { openSqlite } from '../../database/sqlite.ts';
import { listUsers } from './listing.ts';
import { type Usernames, usernames } from './new-name.ts';
import { directoryFile } from './pair.ts';
import { userRules } from './rules.ts';
import { DIRECTORY_KIND } from './schema.ts';
import { users } from './users.ts';
import { writing } from './writing.ts';

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
  open: async ({ usernames: allowed }, tools) =>
    tools.database === null
      ? openEmbeddedDirectory(tools, TIMING, allowed)
      : openSharedDirectory(tools.database, tools, allowed),
  // Users in Postgres are not on this machine; a start refuses each one whose name is ambiguous.
  users: async (_config, { dataDir, database }) =>
    database === null ? listUsers(directoryFile(dataDir)) : [],
};

/** Hashes sampled to learn what verifying costs here: a few milliseconds of work. */
const COSTS_SAMPLE = 2_000;
/** How long the sample is good for while no change is announced, in milliseconds: other processes may rehash. */
const COSTS_FRESH_FOR = 60_000;
/** Longest name or address that is looked up, in UTF-16 units. */
const MAX_LOGIN = 254;

type DirectoryTools = Pick<AdapterTools, 'clock' | 'random' | 'passwords'>;

/** Opens the file. Problems `directory/unusable` and `directory/newer`. */
export function openEmbeddedDirectory(
  tools: DirectoryTools & Pick<AdapterTools, 'dataDir'>,
  timing: ChangesTiming = TIMING,
  allowedNames: Usernames = 'ascii',
): WritableDirectory {
  const db = openSqlite(directoryFile(tools.dataDir), DIRECTORY_KIND);
  return joinParts(db, openChangeLog(db, { id: 'user_id' }, timing), tools, allowedNames);
}

/** Opens those in Postgres. Problems `directory/unusable` and `directory/newer`. */
export async function openSharedDirectory(
  address: PostgresAddress,
  tools: DirectoryTools & Pick<AdapterTools, 'events'>,
  allowedNames: Usernames = 'ascii',
): Promise<WritableDirectory> {
  const db = await openPostgres(address, DIRECTORY_KIND);
  return joinParts(db, openChangeFeed(db, tools.events), tools, allowedNames);
}

function joinParts(
  db: Database,
  changes: ChangeLog,
  tools: DirectoryTools,
  allowedNames: Usernames,
): WritableDirectory {
  const { clock, passwords } = tools;
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
    knows: (login) => db.read(() => users.isTaken(foldName(login), '')),
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
