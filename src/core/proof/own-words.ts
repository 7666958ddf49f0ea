/**
 * Words that are known of somebody: their names, addresses, what else they type into the form, the
 * name of this place. A guesser tries them first, so in a password they are worth nothing. Pure.
 */
import { nfkc } from '../values/normal-form.ts';
import type { PolicyInput } from '../access/policy.ts';

/** Most words, and their lengths in characters: what somebody types is bounded, and so is this. */
const MOST = 64;
const SHORTEST = 3;
const LONGEST = 64;

/** Folded, each once, longest first. What was typed as `field`, the password itself, is not among them. */
export function ownWords(
  { user, prompt, facts }: Pick<PolicyInput, 'user' | 'prompt' | 'facts'>,
  field: string,
): readonly string[] {
  const answers = Object.entries(prompt ?? {}).filter(([name]) => name !== field);
  const texts = [
    ...(user === null ? [] : [user.name, user.displayName, user.email]),
    ...answers.flatMap(([, answer]) => (typeof answer === 'object' ? [] : [String(answer)])),
    facts.host,
  ];
  const words = new Set<string>();
  // Whole texts before their parts, so that of many words the parts are left out.
  for (const text of texts) words.add(folded(text));
  for (const text of texts)
    for (const part of folded(text).split(/[^\p{L}\p{N}]+/u)) words.add(part);
  return [...words]
    .filter(fits)
    .slice(0, MOST)
    .sort((a, b) => b.length - a.length);
}

/** A text as it is compared here: compatibility forms and capitals do not matter. */
export function folded(text: string): string {
  return nfkc(text.slice(0, 1024)).toLowerCase().trim();
}

function fits(word: string): boolean {
  return word.length >= SHORTEST && word.length <= LONGEST;
}
