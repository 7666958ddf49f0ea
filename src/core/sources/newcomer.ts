/**
 * An account that a source vouched for and that has no user yet, while a flow of the operator's creates
 * one. Nothing is written before that: a run that ends or expires takes it along. Pure.
 */
import type { Subject } from '../people/subject.ts';
import type { Json } from '../values/json.ts';
import { isRecord } from '../values/record.ts';
import { proposedName, verifiedEmail } from './profile.ts';
import type { AccountKey } from './source-link.ts';
import { KEPT_KEY, type SourceSession } from './source-session.ts';
import type { SourceProfile } from './source.ts';

/** What a run knows of the account. */
export interface Newcomer extends AccountKey {
  readonly source: string;
  /** The `User.id` that the user will have. */
  readonly userId: string;
  /** The address, if the provider has verified it; null otherwise. */
  readonly email: string | null;
  /** The groups that the source decides: all that the user gets. */
  readonly groups: readonly string[];
  /** What fields may begin with: `username`, `display_name`, `email` and `claims`. */
  readonly values: Readonly<Record<string, Json>>;
}

type Learned = Readonly<Record<string, Json>>;

/** The key in `learned`. */
const NEWCOMER_KEY = 'source.newcomer';

/** Longest value that is stored, in characters; longer ones are left out. */
const LONGEST = 255;
/** Most characters of all claims that are stored, as JSON: a plan has 32 KiB. */
const MOST_CLAIMS = 8 * 1024;
/** How deep claims may be nested. */
const DEEPEST = 4;

/** What the run remembers, also for the session of the new user. */
export function heldNewcomer(newcomer: Newcomer, kept: SourceSession): Learned {
  return {
    [NEWCOMER_KEY]: { ...newcomer, groups: [...newcomer.groups] },
    [KEPT_KEY]: { ...kept },
  };
}

/** The account of this run, if it is about this subject; null otherwise. */
export function newcomerOf(learned: Learned, subject: Subject | null): Newcomer | null {
  const held = learned[NEWCOMER_KEY];
  // Written by `heldNewcomer` alone.
  return isRecord(held) && isNewcomer(held) && held.userId === subject?.userId ? held : null;
}

/** What outlasts a fresh start of the same run; nothing if it is about no such account. */
export function withNewcomerAlone(learned: Learned): Learned {
  const { [NEWCOMER_KEY]: held, [KEPT_KEY]: kept = null } = learned;
  return held === undefined ? {} : { [NEWCOMER_KEY]: held, [KEPT_KEY]: kept };
}

function isNewcomer(held: Readonly<Record<string, unknown>>): held is typeof held & Newcomer {
  const texts = [held['issuer'], held['subject'], held['source'], held['userId']];
  return (
    texts.every((text) => typeof text === 'string') &&
    (held['email'] === null || typeof held['email'] === 'string') &&
    Array.isArray(held['groups']) &&
    held['groups'].every((group) => typeof group === 'string') &&
    isRecord(held['values'])
  );
}

/** What fields may begin with. Only what a field can show is stored: texts, numbers and truths. */
export function valuesOf(profile: SourceProfile): Newcomer['values'] {
  const { email, displayName, claims } = profile;
  const texts = {
    username: proposedName(profile),
    display_name: displayName,
    email: verifiedEmail(profile) ?? email,
  };
  const fit = Object.entries(texts).filter(([, text]) => text !== null && text.length <= LONGEST);
  return { ...Object.fromEntries(fit), claims: shown(claims, { left: MOST_CLAIMS }, DEEPEST) };
}

/** Claims as they are, as far as there is room: lists and long texts are left out. */
function shown(
  claims: Readonly<Record<string, unknown>>,
  room: { left: number },
  depth: number,
): Record<string, Json> {
  const kept: [string, Json][] = [];
  const hasRoom = (name: string, value: unknown): boolean => {
    const size = JSON.stringify([name, value]).length;
    if (size > room.left) return false;
    room.left -= size;
    return true;
  };
  for (const [name, value] of Object.entries(claims)) {
    if (isRecord(value)) {
      if (depth > 1 && hasRoom(name, null)) kept.push([name, shown(value, room, depth - 1)]);
    } else if (isPlain(value) && hasRoom(name, value)) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

function isPlain(value: unknown): value is string | number | boolean {
  if (typeof value === 'string') return value.length <= LONGEST;
  return typeof value === 'number' || typeof value === 'boolean';
}
