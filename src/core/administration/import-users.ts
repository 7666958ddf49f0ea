/**
 * Imports users with their password hashes and second factors. Existing users are skipped unless an
 * update is requested, so a second run changes nothing and never restores an old password or factor.
 */
import type { Accounts, Authenticator } from '../people/account.ts';
import type { NewUser, UserChanges, WritableDirectory } from '../people/directory.ts';
import { foldName } from '../people/user.ts';
import { Problem } from '../values/problem.ts';
import type { Clock, Random } from '../values/system.ts';
import type { ImportedFactor, LeftBehind } from './imported-factor.ts';

/** A user to import. */
export interface UserEntry {
  readonly user: UserChanges & {
    readonly name: string;
    /** Epoch milliseconds; unknown if omitted or null. */
    readonly passwordSetAt?: number | null;
  };
  /** Null: no password sign-in. */
  readonly passwordHash: string | null;
  readonly factors?: readonly ImportedFactor[];
  /** What the entry does not contain, though the other product had it. */
  readonly left?: readonly LeftBehind[];
}

/** The result for one entry. */
export type Imported =
  | { readonly kind: 'refused'; readonly name: string; readonly reason: string }
  | { readonly kind: 'skipped'; readonly name: string }
  | {
      readonly kind: 'added';
      readonly name: string;
      readonly entry: UserEntry;
      /** Why a new user could not have this name, or null. */
      readonly warning: string | null;
    }
  /** The caller ends the sessions of this user. */
  | {
      readonly kind: 'updated';
      readonly name: string;
      readonly entry: UserEntry;
      readonly id: string;
    };

/** Where users and their factors are stored. */
export interface ImportParts {
  readonly users: WritableDirectory;
  readonly accounts: Pick<
    Accounts,
    | 'addAuthenticators'
    | 'authenticatorBy'
    | 'removeAuthenticator'
    | 'replaceAuthenticators'
    | 'forgetUser'
  >;
  readonly random: Random;
  readonly clock: Clock;
}

export interface ImportOptions {
  readonly mayUpdate: boolean;
  /** Returns what would be done, and writes nothing. */
  readonly isTrial: boolean;
}

/** A user to create, and the entry that describes it. */
interface Missing {
  readonly entry: UserEntry;
  readonly user: NewUser & { readonly user: { readonly newId: string } };
}

/** Entries that are written at a time. */
const BATCH = 1_000;

/**
 * Imports the entries, and yields their results in order, a batch at a time. An entry that is refused
 * prevents no other from being imported; faults of the stores reject.
 */
export async function* importUsers(
  parts: ImportParts,
  entries: readonly UserEntry[],
  options: ImportOptions,
): AsyncGenerator<readonly Imported[]> {
  const taken = new Set<string>();
  for (let at = 0; at < entries.length; at += BATCH) {
    const results = await importBatch(parts, entries.slice(at, at + BATCH), options);
    yield options.isTrial ? results.map((one) => refusedIfTaken(one, taken)) : results;
  }
}

async function importBatch(
  parts: ImportParts,
  entries: readonly UserEntry[],
  options: ImportOptions,
): Promise<readonly Imported[]> {
  const existing: (Imported | null)[] = [];
  for (const entry of entries) {
    const found = await parts.users.find(entry.user.name, ['username']);
    existing.push(found === null ? null : await putExisting(parts, found.id, entry, options));
  }
  const missing = entries.filter((_, index) => existing[index] === null);
  const added = (await addAll(parts, missing, options)).values();
  return existing.flatMap((one) => one ?? added.next().value ?? []);
}

async function putExisting(
  parts: ImportParts,
  id: string,
  entry: UserEntry,
  { mayUpdate, isTrial }: ImportOptions,
): Promise<Imported> {
  const { name } = entry.user;
  if (!mayUpdate) return { kind: 'skipped', name };
  const problem = isTrial ? null : await rejectionOf(() => update(parts, id, entry));
  return problem === null ? { kind: 'updated', name, entry, id } : refused(name, problem);
}

/** Second factors first: a user never has the new password without them. */
async function update(
  { users, accounts, ...tools }: ImportParts,
  id: string,
  { user, passwordHash, factors = [] }: UserEntry,
): Promise<void> {
  const all = factors.map((factor) => authenticatorOf(factor, id, tools));
  for (const [kind, ofKind] of Map.groupBy(all, (one) => one.kind)) {
    await accounts.replaceAuthenticators(id, kind, ofKind);
  }
  await users.update(id, user);
  if (passwordHash === null) return;
  await users.setPassword(id, passwordHash, user.passwordSetAt ?? null);
}

/**
 * Adds new users. Their second factors are stored before them: if an import is interrupted, no user
 * exists without the factors.
 */
async function addAll(
  parts: ImportParts,
  entries: readonly UserEntry[],
  { isTrial }: ImportOptions,
): Promise<readonly Imported[]> {
  const { users, accounts } = parts;
  const missing = entries.map((entry) => ({ entry, user: newUserOf(parts, entry) }));
  const problems = isTrial ? new Map<string, Problem>() : await addFactors(parts, missing);
  const free = missing.filter(({ user }) => !problems.has(user.user.newId));
  const created = (
    await users.createAll(
      free.map(({ user }) => user),
      { isTrial },
    )
  ).values();
  // Names are checked once all users exist, since they may look like one another.
  const results: Imported[] = [];
  for (const { entry, user } of missing) {
    const { name } = entry.user;
    const made = problems.get(user.user.newId) ?? created.next().value;
    if (made instanceof Problem) {
      if (!isTrial && (entry.factors ?? []).length > 0) await accounts.forgetUser(user.user.newId);
      results.push(refused(name, made));
      continue;
    }
    const warning = await rejectionOf(async () => users.checkName?.(entry.user, null));
    results.push({ kind: 'added', name, entry, warning: warning?.message ?? null });
  }
  return results;
}

/** Stores the factors of users who do not exist yet. Returns the Problems, by user id. */
async function addFactors(
  { accounts, ...tools }: ImportParts,
  missing: readonly Missing[],
): Promise<ReadonlyMap<string, Problem>> {
  const all = missing.flatMap(({ entry: { factors = [] }, user }) =>
    factors.map((factor) => authenticatorOf(factor, user.user.newId, tools)),
  );
  const problems = new Map<string, Problem>();
  if (all.length === 0) return problems;
  for (const { kind, handle } of all) {
    if (handle === '') continue;
    const known = await accounts.authenticatorBy(kind, handle);
    // An interrupted import left the factor of a user whom it did not create. Users of other
    // directories cannot be read here, and keep theirs.
    if (known?.userId.startsWith(`${tools.users.name}/`) !== true) continue;
    if ((await tools.users.read(known.userId)) === null) {
      await accounts.removeAuthenticator(known.userId, known.id);
    }
  }
  const results = await accounts.addAuthenticators(all);
  for (const [index, { userId }] of all.entries()) {
    const problem = results[index] ?? null;
    if (problem !== null) problems.set(userId, problem);
  }
  return problems;
}

function newUserOf(
  { users, random }: Pick<ImportParts, 'users' | 'random'>,
  { user, passwordHash }: UserEntry,
): Missing['user'] {
  const newId = `${users.name}/${random.token(16)}`;
  return { user: { ...user, newId }, passwordHash, setAt: user.passwordSetAt ?? null };
}

function authenticatorOf(
  { createdAt, ...factor }: ImportedFactor,
  userId: string,
  { random, clock }: Pick<ImportParts, 'random' | 'clock'>,
): Authenticator {
  return { ...factor, id: random.token(16), userId, createdAt: createdAt ?? clock.now() };
}

/** A trial creates no users, so it compares the entries with one another itself. */
function refusedIfTaken(one: Imported, taken: Set<string>): Imported {
  if (one.kind !== 'added') return one;
  const { name, email = '', emailVerified } = one.entry.user;
  const logins = emailVerified === true ? [name, email] : [name];
  const folded = new Set(logins.map(foldName).filter((login) => login !== ''));
  if (taken.isDisjointFrom(folded)) {
    for (const login of folded) taken.add(login);
    return one;
  }
  return { kind: 'refused', name, reason: 'Another user of the import has this name or address.' };
}

/** Why a store refuses an entry, or null. Other faults reject. */
async function rejectionOf(action: () => Promise<unknown>): Promise<Problem | null> {
  try {
    await action();
    return null;
  } catch (caught) {
    if (!(caught instanceof Problem) || !/^(?:user|authenticator)\//.test(caught.code))
      throw caught;
    return caught;
  }
}

function refused(name: string, { message: reason }: Problem): Imported {
  return { kind: 'refused', name, reason };
}
