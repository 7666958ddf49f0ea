/** Writes to the embedded directory. */
import type { NewUser, WritableDirectory } from '../../core/people/directory.ts';
import type { User } from '../../core/people/user.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import type { ChangeLog } from '../../database/change-log.ts';
import type { Database, WriteOptions } from '../../database/database.ts';
import type { Steps } from '../../database/sql.ts';
import { readChanges } from './limits.ts';
import { readNamed, type UserRules } from './rules.ts';
import { users } from './users.ts';

/** Users created per transaction: a fraction of a second, so that others can write in between. */
const BATCH = 1_000;

export interface WritingParts {
  readonly db: Database;
  readonly changes: ChangeLog;
  readonly clock: Clock;
  readonly rules: UserRules;
}

/** Writes to a directory, each recorded and announced as a change of its user. */
export function writing({ db, changes, clock, rules }: WritingParts) {
  const write = userWrites({ db, changes });
  return {
    createAll: (entries, { isTrial = false } = {}) =>
      isTrial
        ? db.read(() => tryEach(rules, entries))
        : createAll({ db, changes, clock, rules }, entries),
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

/** One write about one user: recorded with it, announced after it. */
function userWrites({ db, changes }: Pick<WritingParts, 'db' | 'changes'>) {
  return async <T>(id: string, change: () => Steps<T>, options?: WriteOptions): Promise<T> => {
    const result = await db.write(function* () {
      const done = yield* change();
      yield* changes.record([id]);
      return done;
    }, options);
    await changes.announce([id]);
    return result;
  };
}

/** Creates users in batches. */
async function createAll(
  parts: WritingParts,
  entries: readonly NewUser[],
): Promise<readonly (User | Problem)[]> {
  const results: (User | Problem)[] = [];
  for (let at = 0; at < entries.length; at += BATCH) {
    const batch = entries.slice(at, at + BATCH);
    const created = await parts.db.write(() => createBatch(parts, batch));
    await parts.changes.announce(idsOf(created));
    results.push(...created);
  }
  return results;
}

/** What `createAll` would return for each, alone. */
function* tryEach(
  rules: UserRules,
  entries: readonly NewUser[],
): Steps<readonly (User | Problem)[]> {
  const results: (User | Problem)[] = [];
  for (const entry of entries) results.push(yield* creatable(rules, entry));
  return results;
}

/** One of many, inside their transaction. */
function* createOne({ rules, clock }: WritingParts, entry: NewUser): Steps<User | Problem> {
  const created = yield* creatable(rules, entry);
  if (!(created instanceof Problem)) yield* users.insert(created, entry.passwordHash, clock.now());
  return created;
}

/** The user that may be created, or why not. */
function* creatable(rules: UserRules, entry: NewUser): Steps<User | Problem> {
  try {
    const created = rules.newUser(entry);
    yield* rules.checkFree(created, null);
    return created;
  } catch (caught) {
    // Named fallback: the Problem of this one is returned; nothing is written about it.
    if (caught instanceof Problem) return caught;
    throw caught;
  }
}

/** The work of one transaction. */
function* createBatch(
  parts: WritingParts,
  entries: readonly NewUser[],
): Steps<readonly (User | Problem)[]> {
  const results: (User | Problem)[] = [];
  for (const entry of entries) results.push(yield* createOne(parts, entry));
  yield* parts.changes.record(idsOf(results));
  return results;
}

function idsOf(results: readonly (User | Problem)[]): readonly string[] {
  return results.flatMap((result) => (result instanceof Problem ? [] : [result.id]));
}
