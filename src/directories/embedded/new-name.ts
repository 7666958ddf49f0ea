/**
 * Names that new users may have, stricter than those of users who exist: typed by strangers and shown
 * to others, they must be easy to tell apart. One script at a time, as UTS 39 says ("single script").
 */
import { z } from 'zod';
import { Problem } from '../../core/values/problem.ts';
import { foldName } from '../../core/people/user.ts';

/** The option `usernames`. */
export const usernames = z
  .enum(['ascii', 'letters'])
  .prefault('ascii')
  .describe(
    'Characters of new usernames. ascii: a to z, digits and . _ -. letters: the letters of any one script.',
  );
export type Usernames = z.infer<typeof usernames>;

/** Recommended scripts (UAX 31, table 5) that are written alone. */
const ALONE = (
  'Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hebrew Kannada ' +
  'Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ');
/** Languages that are written in several: Japanese, Korean, Chinese with Bopomofo (UTS 39, section 5.1). */
const TOGETHER = [
  ['Han', 'Hiragana', 'Katakana'],
  ['Han', 'Hangul'],
  ['Han', 'Bopomofo'],
];
const PUNCTUATION = '._\\-';
/** That of an address. */
const ADDRESS_PUNCTUATION = `${PUNCTUATION}+@`;

/** The name in the form in which it is stored. Problem `user/name` with the remedy in its words. */
export function readNewName(name: string, verifiedAddress: string, allowed: Usernames): string {
  const folded = foldName(name);
  const isAddress = folded === foldName(verifiedAddress);
  if (folded.includes('@') && !isAddress) {
    throw refused('A new username has an @ only if it is the verified address of the user');
  }
  const patterns = patternsOf(allowed, isAddress ? ADDRESS_PUNCTUATION : PUNCTUATION);
  if (patterns.some((pattern) => pattern.test(folded))) return folded;
  throw refused(
    allowed === 'ascii'
      ? 'A new username has lower-case letters a to z, digits and . _ - (usernames: letters in the configuration allows other letters)'
      : 'A new username has letters of one script, digits and . _ -',
  );
}

const known = new Map<string, readonly RegExp[]>();

function patternsOf(allowed: Usernames, punctuation: string): readonly RegExp[] {
  const key = `${allowed} ${punctuation}`;
  const patterns = known.get(key) ?? compile(allowed, punctuation);
  known.set(key, patterns);
  return patterns;
}

/** One pattern for each way of writing. Alternatives begin with different characters: linear time. */
function compile(allowed: Usernames, punctuation: string): readonly RegExp[] {
  const others = `[0-9${punctuation}]`;
  if (allowed === 'ascii') return [new RegExp(`^(?:[a-z]|${others})+$`, 'v')];
  return [...ALONE.map((script) => [script]), ...TOGETHER].map((scripts) => {
    const own = scripts.map((script) => `\\p{scx=${script}}`).join('');
    const letter = `[[${own}]&&\\p{L}][[${own}\\p{scx=Inherited}]&&\\p{M}]{0,3}`;
    return new RegExp(`^(?:${letter}|${others})+$`, 'v');
  });
}

function refused(words: string): Problem {
  return new Problem('user/name', `${words}.`, { status: 400 });
}
