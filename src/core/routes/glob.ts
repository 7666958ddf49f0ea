/**
 * Text with `*` for any characters, as in `*.json` and `portfolio-*`. Matched without backtracking:
 * the ends first, then each literal part at its first place, which leaves the most for the rest.
 */

/** A compiled text with at least one `*`. */
export interface Glob {
  readonly start: string;
  /** The literal parts between the first `*` and the last, in order. */
  readonly middle: readonly string[];
  readonly end: string;
  /** Literal characters. Of two globs that match, the one with more is the more specific. */
  readonly weight: number;
}

/** Compiles a text that contains `*`. */
export function globOf(text: string): Glob {
  const [start = '', ...others] = text.split('*');
  const end = others.pop() ?? '';
  return { start, middle: others, end, weight: text.length - others.length - 1 };
}

/** Whether the glob matches the whole text. */
export function fits({ start, middle, end }: Glob, text: string): boolean {
  const last = text.length - end.length;
  if (last < start.length || !text.startsWith(start) || !text.endsWith(end)) return false;
  let at = start.length;
  for (const part of middle) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > last) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether some text matches both. In time proportional to the product of their lengths. */
export function overlap(a: string, b: string): boolean {
  const [xs, ys] = [Array.from(a), Array.from(b)];
  // `row[j]`: a text exists that the characters of `a` so far and the first j of `b` match.
  let row = [true];
  for (const y of ys) row.push(row.at(-1) === true && y === '*');
  for (const x of xs) {
    const next = [row[0] === true && x === '*'];
    for (const [j, y] of ys.entries()) {
      const isEither = row[j + 1] === true || next[j] === true;
      next.push(x === '*' || y === '*' ? isEither : row[j] === true && x === y);
    }
    row = next;
  }
  return row.at(-1) === true;
}
