/**
 * How recent sign-in attempts went, by address, by login as typed and by account: a failure takes one point
 * away, a success gives one back. Pure; `stores/redis/link/scripts.ts` has `addTo` in Lua, and the contract
 * suite compares the two.
 */
import { addressBlock } from '../request/address-block.ts';
import type { Subject } from './subject.ts';
import type { Session } from './session.ts';
import { foldName } from './user.ts';

/** Lowest and highest score. The highest is low, so that no attacker can save up for a hundred guesses. */
export const SCORE_BOUNDS = { least: -100, most: 5 } as const;

/** After so many milliseconds a score is half of what it was: 12 hours. */
export const SCORE_HALVES = 12 * 3_600_000;

/** How long after its last change a score is forgotten, in milliseconds: by then the lowest has become 0. */
export const SCORE_KEPT = 7 * SCORE_HALVES;

/** What is remembered of a key. */
export interface Score {
  /** A whole number within the bounds. */
  readonly value: number;
  /** Since when, in epoch milliseconds. */
  readonly at: number;
}

/** The score now, after halving towards zero. A clock that was set back changes nothing. */
export function standing(score: Score | null, now: number): Score {
  if (score === null) return { value: 0, at: now };
  const halvings = Math.max(0, Math.floor((now - score.at) / SCORE_HALVES));
  // 0 and not -0, which `Object.is` distinguishes.
  const value = Math.trunc(score.value / 2 ** halvings) + 0;
  return value === 0 ? { value, at: now } : { value, at: score.at + halvings * SCORE_HALVES };
}

/** The score after adding a whole number, within the bounds. */
export function addTo(score: Score | null, by: number, now: number): Score {
  const { value, at } = standing(score, now);
  const { least, most } = SCORE_BOUNDS;
  return { value: Math.min(Math.max(value + by, least), most), at };
}

/** Key of an address's score: IPv6 by its /64. */
export function addressKey(ip: string): string {
  return `address:${addressBlock(ip)}`;
}

/** Key of the score of a login as typed, in all its spellings, whether or not an account has it. */
export function loginKey(login: string): string {
  return `login:${foldName(login)}`;
}

/** Key of an account's score, over all its names; a login without an account has one as well, so that it costs as much. */
export function accountKey({ userId, login }: Subject): string {
  return `account:${userId ?? `unknown:${foldName(login)}`}`;
}

/**
 * Key of the score that may be shown to a party. An account's score counts all its names. Until the
 * party has proved to be the user, it would reveal that a name and an email address are one account:
 * guesses at the one would change the answer for the other. Until then it is the login's alone.
 */
export function shownKey(subject: Subject, session: Pick<Session, 'userId'> | null): string {
  const isProved = subject.userId !== null && session?.userId === subject.userId;
  return isProved ? accountKey(subject) : loginKey(subject.login);
}

/** How well signing in went of late; the law is in score.ts. Kept under one-way names. */
export interface Scores {
  /** Adds a whole number, atomically, within the bounds; what it comes to. */
  add(key: string, by: number, now: number): Promise<number>;
  /** Scores as they stand now, in the order of the keys; 0 for what is not known. */
  read(keys: readonly string[], now: number): Promise<readonly number[]>;
}
