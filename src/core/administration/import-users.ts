/**
 * Imports users with their password hashes. Existing users are skipped unless an update is requested,
 * so a second run changes nothing and never restores an old password.
 */
import type { NewUser, UserChanges, WritableDirectory } from '../people/directory.ts';
import { Problem } from '../values/problem.ts';

/** A user to import. */
export interface UserEntry {
  readonly user: UserChanges & {
    readonly name: string;
    /** Epoch milliseconds; unknown if omitted or null. */
    readonly passwordSetAt?: number | null;
  };
  /** Null: no password sign-in. */
  readonly passwordHash: string | null;
}

/** The result for one entry. */
export type Imported =
  | { readonly kind: 'refused'; readonly name: string; readonly reason: string }
  | { readonly kind: 'skipped'; readonly name: string }
  | {
      readonly kind: 'added';
      readonly name: string;
      readonly hasPassword: boolean;
      /** Why a new user could not have this name, or null. */
      readonly warning: string | null;
    }
  /** The caller ends the sessions of this user. */
  | { readonly kind: 'updated'; readonly name: string; readonly id: string };

/** Entries that are written at a time. */
const BATCH = 1_000;

/**
 * Imports the entries, and yields their results in order, a batch at a time. An entry that is refused
 * prevents no other from being imported; faults of the directory reject.
 */
export async function* importUsers(
  users: WritableDirectory,
  entries: readonly UserEntry[],
  { mayUpdate }: { readonly mayUpdate: boolean },
): AsyncGenerator<readonly Imported[]> {
  for (let at = 0; at < entries.length; at += BATCH) {
    yield await importBatch(users, entries.slice(at, at + BATCH), mayUpdate ? update : skip);
  }
}

async function importBatch(
  users: WritableDirectory,
  entries: readonly UserEntry[],
  putExisting: typeof update,
): Promise<readonly Imported[]> {
  const existing: (Imported | null)[] = [];
  for (const entry of entries) {
    const found = await users.find(entry.user.name, ['username']);
    existing.push(found === null ? null : await putExisting(users, found.id, entry));
  }
  const missing = entries.filter((_, index) => existing[index] === null);
  const added = (await addAll(users, missing)).values();
  return existing.flatMap((one) => one ?? added.next().value ?? []);
}

async function skip(_users: WritableDirectory, _id: string, entry: UserEntry): Promise<Imported> {
  return { kind: 'skipped', name: entry.user.name };
}

async function update(
  users: WritableDirectory,
  id: string,
  { user, passwordHash }: UserEntry,
): Promise<Imported> {
  const { name } = user;
  const problem = await rejectionOf(async () => {
    await users.update(id, user);
    if (passwordHash === null) return;
    await users.setPassword(id, passwordHash, user.passwordSetAt ?? null);
  });
  return problem === null ? { kind: 'updated', name, id } : refused(name, problem);
}

/** Adds new users, together if the directory can. */
async function addAll(
  users: WritableDirectory,
  entries: readonly UserEntry[],
): Promise<readonly Imported[]> {
  const missing = entries.map(({ user, passwordHash }) => ({
    user,
    passwordHash,
    setAt: user.passwordSetAt ?? null,
  }));
  const made = (await users.createAll?.(missing)) ?? (await createEach(users, missing));
  // Names are checked once all users exist, since they may look like one another.
  return Promise.all(
    missing.map(async ({ user, passwordHash }, index) => {
      const { name } = user;
      const one = made[index];
      if (one instanceof Problem) return refused(name, one);
      const warning = await rejectionOf(async () => users.checkName?.(user, null));
      const hasPassword = passwordHash !== null;
      return { kind: 'added', name, hasPassword, warning: warning?.message ?? null };
    }),
  );
}

async function createEach(
  users: WritableDirectory,
  missing: readonly NewUser[],
): Promise<readonly (Problem | null)[]> {
  const made: (Problem | null)[] = [];
  for (const { user, passwordHash, setAt } of missing) {
    made.push(await rejectionOf(() => users.create(user, passwordHash, setAt)));
  }
  return made;
}

/** Why the directory refuses an entry, or null. Other faults reject. */
async function rejectionOf(action: () => Promise<unknown>): Promise<Problem | null> {
  try {
    await action();
    return null;
  } catch (caught) {
    if (!(caught instanceof Problem) || !caught.code.startsWith('user/')) throw caught;
    return caught;
  }
}

function refused(name: string, { message: reason }: Problem): Imported {
  return { kind: 'refused', name, reason };
}
