/** Directories of users. Implemented in `directories/`. Promises reject with a Problem. */
import type { NamedUser } from './account.ts';
import type { Problem } from '../values/problem.ts';
import type { HashCost } from './hash-cost.ts';
import type { PasswordVerdict } from './password.ts';
import type { ChangeListener } from './session-store.ts';
import type { User } from './user.ts';

/** Takes note of all users of a directory. Rejects if it cannot. */
export type SettleUsers = (users: readonly NamedUser[]) => Promise<void>;

/** A source of users. */
export interface Directory {
  /** The part of `User.id` before the slash. */
  readonly name: string;
  /** Finds a user by username or verified email address, folded by `foldName`. */
  find(login: string, by: readonly ('username' | 'email')[]): Promise<User | null>;
  /**
   * Reads a user by `User.id`. Null if the user was deleted, or for an empty id. Costs one lookup,
   * in memory or through an index.
   */
  read(id: string): Promise<User | null>;
  /**
   * Whether a username or verified address has a user, or several, for which `find` returns null.
   * If omitted, `find` decides.
   */
  knows?(login: string): Promise<boolean>;
  /**
   * The name of a user that looks like `name` (UTS 39), or null. Ignores an identical name and the
   * user with the id `except`. If omitted, look-alikes are unknown.
   */
  findAlike?(name: string, except?: string | null): Promise<string | null>;
  /**
   * Verifies a password. On success, replaces an outdated hash if the directory can write. A null
   * id takes as much work as a real user. `login` is the text as typed, so that each name takes the
   * same time on every attempt.
   */
  verifyPassword(id: string | null, password: string, login?: string): Promise<PasswordVerdict>;
  /**
   * As much work as `verifyPassword`, for a try that must not count: never right, and nothing that the
   * directory's own server would count against the user. If omitted, `verifyPassword` counts nothing.
   */
  feignPassword?(id: string, password: string, login?: string): Promise<PasswordVerdict>;
  /**
   * What it costs to verify the hashes of its users. If omitted, the directory verifies no hashes.
   */
  hashCosts?(): Promise<readonly HashCost[]>;
  /** Whether the user has a password. If omitted, that is unknown and a password is requested. */
  hasPassword?(id: string): Promise<boolean>;
  /**
   * Sets the password of a user where the directory's server hashes it, and not this gateway; null if it cannot. If
   * omitted, no password can be set so. The function rejects with a Problem 409 if the server refuses the password.
   */
  passwordChanger?(id: string): ((password: string) => Promise<void>) | null;
  /** Of several joined: the names of those whose users can choose a new password here. If omitted, none can. */
  readonly renewable?: readonly string[];
  /** Whether it has no users at all. Disabled users count. */
  isEmpty(): Promise<boolean>;
  /**
   * For directories whose ids may pass from one user to another: calls `settle` with the users read so far and
   * resolves once it is done; from then on, calls it before users who were added or have a new password are used.
   */
  guardIds?(settle: SettleUsers): Promise<void>;
  /** Calls back with the id of each user that changes or is deleted, here or in another process. */
  watch(listener: ChangeListener): () => void;
  /**
   * How long a result remains valid, in milliseconds from the request, if no change is announced:
   * `Infinity` if every change is announced, 0 while changes may be missed. A directory that has to
   * look for changes by other processes (embedded) does so first, and announces what it finds.
   */
  freshFor(): number;
  close(): Promise<void>;
}

/** The writable properties of a user. */
export interface UserChanges {
  readonly name?: string;
  readonly displayName?: string;
  readonly email?: string;
  /** If omitted, a new address is unverified and an existing one keeps its state. */
  readonly emailVerified?: boolean;
  readonly groups?: readonly string[];
  readonly attributes?: User['attributes'];
  readonly disabled?: boolean;
}

/**
 * The properties of a new user. `newId`: the `User.id`, of this directory and 128 bits; chosen by the
 * directory if omitted. It is not called `id`, because an imported user has the id of another directory.
 */
export type NewUserChanges = UserChanges & { readonly name: string; readonly newId?: string };

/** A user to create. */
export interface NewUser {
  readonly user: NewUserChanges;
  readonly passwordHash: string | null;
  readonly setAt: number | null;
}

/**
 * A directory that supports changes. Problems: `user/exists` (409), `user/unknown` (404),
 * `user/name` (400), `user/name-alike` (409).
 */
export interface WritableDirectory extends Directory {
  /**
   * Rejects if `create` would refuse the name, or `update` for the user with this id. Accepts the
   * user's current name. If omitted, every name is allowed.
   */
  checkName?(user: UserChanges & { name: string }, id: string | null): Promise<void>;
  /**
   * Creates a user. With a null `passwordHash`, the user cannot sign in with a password. `setAt` as
   * in `setPassword`.
   */
  create(user: NewUserChanges, passwordHash: string | null, setAt?: number | null): Promise<User>;
  /**
   * Creates many users in few transactions, for imports. A rejected user does not affect the
   * others. The caller must call `checkName`, because imported names already exist elsewhere.
   * Returns the user or Problem for each. With `isTrial`, nothing is written, and users of the list
   * are not compared with one another.
   */
  createAll(
    users: readonly NewUser[],
    options?: { readonly isTrial?: boolean },
  ): Promise<readonly (User | Problem)[]>;
  update(id: string, changes: UserChanges): Promise<User>;
  /** `setAt` is when the password was chosen: null if unknown, now if omitted. */
  setPassword(id: string, passwordHash: string, setAt?: number | null): Promise<void>;
  delete(id: string): Promise<void>;
  /** Users sorted by name, at most `limit`, starting after the name `after`. */
  list(after: string | null, limit: number): Promise<readonly User[]>;
}
