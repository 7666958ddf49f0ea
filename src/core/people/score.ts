/**
 * Scores of recent sign-in attempts by address, by login as typed and by account. A failure
 * subtracts one point, a success adds one. Pure. `stores/redis/link/scripts.ts` implements `addTo`
 * in Lua, and the contract suite compares the two.
 */
import { addressBlock } from '../request/address-block.ts';
import type { Session } from './session.ts';
import type { Subject } from './subject.ts';
import { foldName } from './user.ts';

/**
 * Lowest and highest score. The highest is low, so that an attacker cannot save up points for many
 * guesses.
 */
export const SCORE_BOUNDS = { least: -100, most: 5 } as const;

/** Time after which a score is halved: 12 hours, in milliseconds. */
export const SCORE_HALVES = 12 * 3_600_000;

/**
 * Time after its last change when a score is deleted, in milliseconds. By then the lowest score has
 * become 0.
 */
export const SCORE_KEPT = 7 * SCORE_HALVES;

/** The stored score of a key. */
export interface Score {
  /** An integer within the bounds. */
  readonly value: number;
  /** When the value applied, in epoch milliseconds. */
  readonly at: number;
}

/** The score at `now`, halved towards zero. If the clock was set back, nothing changes. */
export function currentScore(score: Score | null, now: number): Score {
  if (score === null) return { value: 0, at: now };
  const halvings = Math.max(0, Math.floor((now - score.at) / SCORE_HALVES));
  // 0 and not -0, which `Object.is` distinguishes.
  const value = Math.trunc(score.value / 2 ** halvings) + 0;
  return value === 0 ? { value, at: now } : { value, at: score.at + halvings * SCORE_HALVES };
}

/** Adds an integer to the score, within the bounds. */
export function addTo(score: Score | null, by: number, now: number): Score {
  const { value, at } = currentScore(score, now);
  const { least, most } = SCORE_BOUNDS;
  return { value: Math.min(Math.max(value + by, least), most), at };
}

/** Key of an address's score. IPv6 addresses of one /64 share a score. */
export function addressKey(ip: string): string {
  return `address:${addressBlock(ip)}`;
}

/**
 * Key of the score of a login as typed. All spellings share it, whether or not an account has this
 * name.
 */
export function loginKey(login: string): string {
  return `login:${foldName(login)}`;
}

/**
 * Key of an account's score, shared by all its names. A login without an account has one as well,
 * so that it costs as much.
 */
export function accountKey({ userId, login }: Subject): string {
  return `account:${userId ?? `unknown:${foldName(login)}`}`;
}

/**
 * Key of the score that may be shown. An account's score counts all its names, so guesses at one
 * name would change the score shown for another and reveal that both belong to one account. Until
 * the session proves the user, only the score of the login is shown.
 */
export function shownKey(subject: Subject, session: Pick<Session, 'userId'> | null): string {
  const isProved = subject.userId !== null && session?.userId === subject.userId;
  return isProved ? accountKey(subject) : loginKey(subject.login);
}

/** Stores scores under one-way names. */
export interface Scores {
  /** Adds an integer atomically, within the bounds. Returns the new score. */
  add(key: string, by: number, now: number): Promise<number>;
  /** The scores at `now`, in the order of the keys; 0 for unknown keys. */
  read(keys: readonly string[], now: number): Promise<readonly number[]>;
}
