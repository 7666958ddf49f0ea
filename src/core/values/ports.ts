/**
 * What the core asks of the outside. Each port is small; adapters live in plug-in
 * folders and are joined in compose.ts. Every promise rejects with a Problem.
 */
import type { Event } from '../access/event.ts';
import type { HashCost } from '../people/hash-cost.ts';
import type { Plan } from '../flow/plan.ts';
import type { Problem } from './problem.ts';
import type { Session, SessionEntry, Ticket } from '../people/session.ts';
import type { User } from '../people/user.ts';

/** Time, injected so that tests own it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Randomness from the system's generator, injected so that tests own it. */
export interface Random {
  /** `bytes` random bytes as base64url. */
  token(bytes: number): string;
}

/** Told what changed, here or elsewhere; null when it is not known what. */
export type ChangeListener = (id: string | null) => void;

/**
 * Live sessions. Stored encrypted with a key that takes both the server's secret and the
 * ticket's; only the SessionEntry is clear.
 */
export interface SessionStore {
  /** Stores a new session under its ticket. */
  start(ticket: Ticket, session: Session): Promise<void>;
  /** The session of a ticket; null when unknown, ended, past its absolute end, or not opened by this secret. */
  read(ticket: Ticket): Promise<Session | null>;
  /** Puts `session` under a new ticket and ends `old` in one step; false when `old` was not there any more. */
  rotate(old: Ticket, ticket: Ticket, session: Session): Promise<boolean>;
  /** Moves `seenAt` forward; does nothing for a session that is gone. Never announces a change. */
  touch(id: string, seenAt: number): Promise<void>;
  /** The entry of one session by its public id; null where `read` would find none. */
  entry(id: string): Promise<SessionEntry | null>;
  /** Ends one session by its public id; false when there was none. */
  end(id: string): Promise<boolean>;
  /** Ends all sessions of a user, or of everybody for null, except one; how many. */
  endAll(userId: string | null, exceptId?: string): Promise<number>;
  /** Entries, newest first, at most `limit` (default 1000); of one user or of everybody. */
  list(userId: string | null, limit?: number): Promise<readonly SessionEntry[]>;
  /** How many sessions there are, for the metric. */
  count(): Promise<number>;
  /** Calls back with the public id of each session changed or ended, here or elsewhere. */
  watch(listener: ChangeListener): () => void;
  /**
   * Whether a remembered session may be believed right now. Also notices, before it
   * answers, what other processes changed, where the store can only look (embedded).
   * False: ask `read` every time.
   */
  isCoherent(): boolean;
}

/** Plans of running flows. Nothing is stored before the first POST. */
export interface PlanStore {
  read(id: string): Promise<Plan | null>;
  /**
   * Compare-and-set: stores `plan` when the stored revision is `expected`, 0 meaning "none stored
   * yet". False: somebody else was first. Kept until `plan.expiresAt`.
   */
  write(plan: Plan, expected: number): Promise<boolean>;
}

/** How many refused answers are free, and how waits grow. Milliseconds. */
export interface ThrottleRule {
  /** Tries within `window` before the first wait. */
  readonly free: number;
  /** First wait; doubled with each further try. */
  readonly wait: number;
  readonly longest: number;
  /** Quiet time after which all is forgotten. */
  readonly window: number;
}

/** Counts tries per key. A try is taken before it is judged, so that races cannot slip past. */
export interface Throttle {
  /** Takes one try. Not allowed: `retryAt` says when, and nothing was counted. */
  take(
    key: string,
    rule: ThrottleRule,
    now: number,
  ): Promise<{ readonly allowed: boolean; readonly retryAt: number }>;
  /** Gives one try back (it was right), or forgets the key altogether. */
  release(key: string, how: 'one' | 'all'): Promise<void>;
}

/** Single use, atomic: TOTP steps, codes, links, challenges. */
export interface Marks {
  /** Takes a mark: true for the first taker only, on every instance. Kept until `until`, epoch milliseconds. */
  take(key: string, until: number): Promise<boolean>;
}

/** How well signing in went of late; the law is in score.ts. Kept under one-way names. */
export interface Scores {
  /** Adds a whole number, atomically, within the bounds; what it comes to. */
  add(key: string, by: number, now: number): Promise<number>;
  /** Scores as they stand now, in the order of the keys; 0 for what is not known. */
  read(keys: readonly string[], now: number): Promise<readonly number[]>;
}

/** The state of a gateway: one adapter provides all of it over one connection or file. */
export interface Stores {
  readonly sessions: SessionStore;
  readonly plans: PlanStore;
  readonly throttle: Throttle;
  readonly marks: Marks;
  readonly scores: Scores;
  /** Rejects when the state cannot be used right now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Seals what stores keep. Keys are derived from the server's secrets: the first seals, all open. */
export interface Vault {
  /** Encrypts under a purpose and a caller's secret (`''` for none). */
  seal(purpose: string, secret: string, plain: string): Uint8Array;
  /** Null for anything that was not sealed so. Never throws. */
  open(purpose: string, secret: string, sealed: Uint8Array): string | null;
  /** One-way name of something, base64url, 128 bit: store keys, session ids. Not keyed, so independent of rotation. */
  name(purpose: string, value: string): string;
  /** Constant-time proof of values bound together; `verify` tries all secrets. */
  sign(purpose: string, value: string): string;
  verify(purpose: string, value: string, signature: string): boolean;
}

/** Turns tickets into cookie values and back. */
export interface Tickets {
  seal(ticket: Ticket): Promise<string>;
  /** Null for garbage, other secrets, other purposes. Never throws. */
  open(value: string): Promise<Ticket | null>;
}

/** What verifying a password said. `busy`: too many at once, try again shortly. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

/** Hashes passwords in a bounded queue, at most two at a time. */
export interface Passwords {
  /** argon2id PHC string. Rejects with Problem `passwords/busy` (503) when the queue is full. */
  hash(password: string): Promise<string>;
  /**
   * Verifies against argon2, bcrypt, scrypt, pbkdf2, SHA-crypt or salted SHA. Null costs what a hash
   * made by `hash` costs, and is wrong.
   */
  verify(hash: string | null, password: string): Promise<PasswordVerdict>;
  /** Whether a stored hash is older or weaker than what `hash` makes. */
  isOutdated(hash: string): boolean;
  /** Whether the text is a hash that `verify` understands. */
  isHash(text: string): boolean;
  /** What verifying a hash costs, as text that is equal for hashes of equal work; null for no hash. */
  costOf(hash: string): string | null;
}

/** Longest password, in UTF-8 bytes; longer ones are refused before hashing. */
export const MAX_PASSWORD_BYTES = 1024;

/** Where users come from. */
export interface Directory {
  /** Name in `User.id` before the slash. */
  readonly name: string;
  /** By sign-in name or verified address, folded as `foldName` does. */
  find(login: string, by: readonly ('username' | 'email')[]): Promise<User | null>;
  /** By `User.id`; null when deleted, and for an empty id. Answers from memory or one indexed lookup. */
  read(id: string): Promise<User | null>;
  /**
   * Whether a name or verified address belongs to any user, or to several of whom `find` gives none.
   * Left out: `find` says it.
   */
  knows?(login: string): Promise<boolean>;
  /**
   * The name of a user that a name could be mistaken for (UTS 39), other than that name itself and
   * the user with the id `except`; null for none. Left out: that cannot be told.
   */
  findAlike?(name: string, except?: string | null): Promise<string | null>;
  /**
   * Verifies. Rehashes an outdated hash on success where it can write. For null the work is that of
   * a user; `login` is what was typed, so that a name costs the same at every attempt.
   */
  verifyPassword(id: string | null, password: string, login?: string): Promise<PasswordVerdict>;
  /** What its users' hashes cost. Left out: it verifies no hashes. */
  hashCosts?(): Promise<readonly HashCost[]>;
  /** Whether there is a password to ask for. Left out where that cannot be told: then one is asked. */
  hasPassword?(id: string): Promise<boolean>;
  /** Whether there is nobody in it, disabled or not. */
  isEmpty(): Promise<boolean>;
  /** Calls back with the id of each user changed or deleted, here or elsewhere. */
  watch(listener: ChangeListener): () => void;
  /** As in SessionStore. */
  isCoherent(): boolean;
  close(): Promise<void>;
}

/** What can be written about a user. */
export interface UserChanges {
  readonly name?: string;
  readonly displayName?: string;
  readonly email?: string;
  /** Left out: false for a new address; the address that was there stays as it was. */
  readonly emailVerified?: boolean;
  readonly groups?: readonly string[];
  readonly attributes?: User['attributes'];
  readonly disabled?: boolean;
}

/** A user to be made. */
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
   * Creates many as `create` does, in few transactions, for an import; one that is refused keeps no
   * other from being made. Names are those of users elsewhere: `checkName` is up to the caller. Resolves with the user or the Problem of each. Left out: `create` does it.
   */
  createAll?(users: readonly NewUser[]): Promise<readonly (User | Problem)[]>;
  update(id: string, changes: UserChanges): Promise<User>;
  /** `setAt`: when the password was chosen, null for not known; now when left out. */
  setPassword(id: string, passwordHash: string, setAt?: number | null): Promise<void>;
  delete(id: string): Promise<void>;
  /** Sorted by name, at most `limit` after `after` (a name). */
  list(after: string | null, limit: number): Promise<readonly User[]>;
}

/** Where addresses are, from a database on this machine. */
export interface Places {
  /** ISO 3166-1 alpha-2, in capitals; null when it is not known. Synchronous; never throws. */
  countryOf(ip: string): string | null;
}

/** Takes events; must never throw and never wait. */
export interface EventSink {
  emit(event: Event): void;
}
