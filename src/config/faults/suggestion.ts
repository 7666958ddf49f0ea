/** Guesses what a misspelled word was meant to be. Must never suggest a word that is far off. */
import { distance } from 'fastest-levenshtein';

/** Longest part of a word that is compared, in characters: the time grows with the square of it. */
const LONGEST = 64;

/** The candidate that is closest to `word`, in quotes; null when none is close enough. */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let limit = Math.max(1, Math.min(3, Math.floor(word.length / 3)));
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > limit) continue;
    const edits = editsBetween(fold(word), fold(candidate));
    if (edits > limit) continue;
    best = candidate;
    limit = edits - 1;
  }
  return best === null ? null : `"${best}"`;
}

/** Insertions, deletions and substitutions; two swapped neighbors count as one edit, because they are a common typo. */
function editsBetween(a: string, b: string): number {
  const at = a.split('').findIndex((letter, i) => letter !== b[i]);
  const swapped = `${b.slice(0, at)}${b[at + 1] ?? ''}${b[at] ?? ''}${b.slice(at + 2)}`;
  return at >= 0 && swapped === a ? 1 : distance(a, b);
}

/** Spellings that are easily confused: case, hyphens and underscores. */
function fold(text: string): string {
  return text.slice(0, LONGEST).toLowerCase().replaceAll('-', '_');
}
