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
    if (segment === '*') score += 'b';
    else if (segment === given[i]) score += 'c';
    else return null;
  }
  // An exact end scores higher than a prefix, which scores lower than any segment.
  return score + (isDeep ? 'a' : 'aa');
}

function split(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .filter((segment) => segment !== '');
}
