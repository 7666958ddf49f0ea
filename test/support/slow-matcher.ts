/**
 * The slow and obvious way to choose a path pattern: score each one, take the best. For comparison.
 */

/** The best matching pattern for a path, or null. */
export function slowMatch(patterns: readonly string[], path: string): string | null {
  let best: { pattern: string; score: string } | null = null;
  for (const pattern of patterns) {
    const score = fit(pattern, path);
    if (score !== null && (best === null || score > best.score)) best = { pattern, score };
  }
  return best?.pattern ?? null;
}

/** The score of a pattern, as a comparable text; null if it does not match. */
function fit(pattern: string, path: string): string | null {
  const [wanted, given] = [split(pattern), split(path)];
  const isDeep = wanted.at(-1) === '**';
  const head = isDeep ? wanted.slice(0, -1) : wanted;
  if (given.length < head.length || (!isDeep && given.length > head.length)) return null;
  let score = '';
  for (const [i, segment] of head.entries()) {
    const name = given[i] ?? '';
    if (segment === name) score += 'c';
    else if (segment.includes('*') && isMatch(segment, name)) {
      // More text scores higher. The text itself only makes the order total.
      const weight = segment.replaceAll('*', '').length;
      score += `b${String(weight).padStart(4, '0')}${segment}\0`;
    } else return null;
  }
  // An exact end scores higher than a prefix, which scores lower than any segment.
  return score + (isDeep ? 'a' : 'aa');
}

/** Whether the segment matches, by trying every length for each `*`. */
function isMatch(segment: string, name: string): boolean {
  if (segment === '') return name === '';
  if (!segment.startsWith('*')) {
    return segment[0] === name[0] && isMatch(segment.slice(1), name.slice(1));
  }
  const rest = segment.slice(1);
  return Array.from({ length: name.length + 1 }, (_, i) => name.slice(i)).some((one) =>
    isMatch(rest, one),
  );
}

function split(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .filter((segment) => segment !== '');
}
