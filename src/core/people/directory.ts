/** Where users come from. Implementations: `directories/`. Promises reject with a Problem. */
import type { Problem } from '../values/problem.ts';
import type { HashCost } from './hash-cost.ts';
import type { PasswordVerdict } from './password.ts';
import type { ChangeListener } from './session-store.ts';
import type { User } from './user.ts';

/** Where users come from. */
export interface Directory {
  /** Name in `User.id` before the slash. */
  readonly name: string;
  /** By sign-in name or verified address, folded as `foldName` does. */
  find(login: string, by: readonly ('username' | 'email')[]): Promise<User | null>;
  /** By `User.id`; null if deleted, and for an empty id. Takes one lookup in memory or by an index. */
  read(id: string): Promise<User | null>;
  /**
   * Whether a name or verified address belongs to a user, or to several of whom `find` returns none.
   * Left out: `find` decides.
   */
  knows?(login: string): Promise<boolean>;
  /**
   * The name of a user that a name could be mistaken for (UTS 39), other than that name itself and
   * the user with the id `except`; null for none. Left out: not known.
   */
  findAlike?(name: string, except?: string | null): Promise<string | null>;
  /**
   * Verifies a password. On success, replaces an outdated hash where it can write. For null it does the
   * work of a real user; `login` is what was typed, so that a name costs the same at every attempt.
   */
  verifyPassword(id: string | null, password: string, login?: string): Promise<PasswordVerdict>;
  /** What verifying its users' hashes costs. Left out: it verifies no hashes. */
  hashCosts?(): Promise<readonly HashCost[]>;
  /** Whether the user has a password. Left out if that is not known: then a password is asked for. */
  hasPassword?(id: string): Promise<boolean>;
  /** Whether it has no users, not even disabled ones. */
  isEmpty(): Promise<boolean>;
  /** Calls back with the id of each user that is changed or deleted, here or elsewhere. */
  watch(listener: ChangeListener): () => void;
  /**
   * How long an answer may be believed from when it was asked for, in milliseconds, as long as no change
   * is announced: `Infinity` if all changes are announced, 0 while some may be missed. A directory that has
   * to look for changes of other processes (embedded) does so first, and announces what it finds.
   */
  freshFor(): number;
  close(): Promise<void>;
}

/** What can be written about a user. */
export interface UserChanges {
  readonly name?: string;
  readonly displayName?: string;
  readonly email?: string;
  /** Left out: a new address is not verified, and an existing one stays as it was. */
  readonly emailVerified?: boolean;
  readonly groups?: readonly string[];
  readonly attributes?: User['attributes'];
  readonly disabled?: boolean;
}

/** A user to create. */
export interface NewUser {
  readonly user: UserChanges & { name: string };
  readonly passwordHash: string | null;
  readonly setAt: number | null;
}

/**
 * A directory that can be changed. Problems: `user/exists` (409), `user/unknown` (404), `user/name`
 * (400), `user/name-alike` (409).
 */
export interface WritableDirectory extends Directory {
  /**
   * Rejects as `create` would for the name of a new user, or `update` for a new name of the user with
   * the id; resolves for the name that this user has. Left out: every name may be given.
   */
  checkName?(user: UserChanges & { name: string }, id: string | null): Promise<void>;
  /** Creates; `passwordHash` null means no password sign-in. `setAt` as in `setPassword`. */
  create(
    user: UserChanges & { name: string },
    passwordHash: string | null,
    setAt?: number | null,
  ): Promise<User>;
  /**
   * Creates many users in few transactions, for an import; a rejected one does not affect the others.
   * The caller has to call `checkName`, since the names exist elsewhere. Resolves with the user or the
   * Problem of each. Left out: use `create`.
   */
  createAll?(users: readonly NewUser[]): Promise<readonly (User | Problem)[]>;
  update(id: string, changes: UserChanges): Promise<User>;
  /** `setAt`: when the password was chosen; null: not known; left out: now. */
  setPassword(id: string, passwordHash: string, setAt?: number | null): Promise<void>;
  delete(id: string): Promise<void>;
  /** Sorted by name, at most `limit` after `after` (a name). */
  list(after: string | null, limit: number): Promise<readonly User[]>;
}
