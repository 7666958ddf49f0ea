/**
 * Words related to a user: their names and addresses, what else they type into the form, and the
 * site's host. Attackers try these first, so they add nothing to a password's strength. Pure.
 */

import type { PolicyInput } from '../policy/policy.ts';
import { nfkc } from '../values/normal-form.ts';

/** Maximum number of words, and their lengths in characters. */
const MOST = 64;
const SHORTEST = 3;
const LONGEST = 64;

/** Folded, unique, longest first. The value of `field`, the password itself, is left out. */
export function ownWords(
  { user, prompt, facts }: Pick<PolicyInput, 'user' | 'prompt' | 'facts'>,
  field: string,
): readonly string[] {
  const others = Object.entries(prompt ?? {}).filter(([name]) => name !== field);
  const texts = [
    ...(user === null ? [] : [user.name, user.displayName, user.email]),
    ...others.flatMap(([, value]) => (typeof value === 'object' ? [] : [String(value)])),
    facts.host,
  ];
  const words = new Set<string>();
  // Whole texts before their parts, so that the limit cuts off parts first.
  for (const text of texts) words.add(folded(text));
  for (const text of texts)
    for (const part of folded(text).split(/[^\p{L}\p{N}]+/u)) words.add(part);
  return [...words]
    .filter(fits)
    .slice(0, MOST)
    .sort((a, b) => b.length - a.length);
}

/** A text as it is compared here, regardless of compatibility forms and case. */
export function folded(text: string): string {
  return nfkc(text.slice(0, 1024)).toLowerCase().trim();
}

function fits(word: string): boolean {
  return word.length >= SHORTEST && word.length <= LONGEST;
}
