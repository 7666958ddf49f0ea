/**
 * Path patterns in a tree of segments. A lookup walks the path once a branch: literal
 * before `*` before `**`, so the pattern with the longest literal beginning wins.
 */

/** Finds the value of the most specific pattern that is accepted. */
export interface PathTree<T> {
  /** Whether no pattern would change under case folding. */
  readonly caseless: boolean;
  /** The best accepted value, or null. */
  find(path: string, accepts: (value: T) => boolean): T | null;
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  wildcard: Node<T> | null;
  /** Values of patterns that end here. */
  readonly here: T[];
  // Values of `…/**` patterns that begin here; they match this path itself too.
  readonly below: T[];
}

/** Builds the tree; values under one pattern keep their order. */
export function pathTree<T>(values: readonly T[], patternOf: (value: T) => string): PathTree<T> {
  const root = node<T>();
  for (const value of values) {
    const segments = split(patternOf(value));
    let at = root;
    const isDeep = segments.at(-1) === '**';
    for (const segment of isDeep ? segments.slice(0, -1) : segments) at = descend(at, segment);
    (isDeep ? at.below : at.here).push(value);
  }
  return {
    caseless: values.every((value) => !/[A-Z%]/.test(patternOf(value))),
    find: (path, accepts) => search(root, path, 1, accepts),
  };
}

/** A trailing slash does not make another path: `/admin` and `/admin/` are guarded alike. */
function split(path: string): string[] {
  const segments = path.split('/');
  segments.shift();
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function node<T>(): Node<T> {
  return { literals: new Map(), wildcard: null, here: [], below: [] };
}

function descend<T>(at: Node<T>, segment: string): Node<T> {
  if (segment === '*') return (at.wildcard ??= node());
  let next = at.literals.get(segment);
  if (next === undefined) {
    next = node();
    at.literals.set(segment, next);
  }
  return next;
}

/** `from`: where the next segment of the path begins. */
function search<T>(
  at: Node<T>,
  path: string,
  from: number,
  accepts: (value: T) => boolean,
): T | null {
  // As in `split`: nothing behind a trailing slash.
  if (from >= path.length) return pick(at.here, accepts) ?? pick(at.below, accepts);
  if (at.literals.size === 0 && at.wildcard === null) return pick(at.below, accepts);
  const slash = path.indexOf('/', from);
  const end = slash < 0 ? path.length : slash;
  const literal = at.literals.get(path.slice(from, end));
  const found = literal === undefined ? null : search(literal, path, end + 1, accepts);
  if (found !== null) return found;
  const wild = at.wildcard === null ? null : search(at.wildcard, path, end + 1, accepts);
  return wild ?? pick(at.below, accepts);
}

/** Among rules of one pattern those that name methods come first; the linker ordered them. */
function pick<T>(values: readonly T[], accepts: (value: T) => boolean): T | null {
  for (const value of values) if (accepts(value)) return value;
  return null;
}
