/**
 * Path patterns in a tree of segments. A lookup walks the path once a branch: literal
 * before `*` before `**`, so the pattern with the longest literal beginning wins.
 */

/** Finds the value of the most specific pattern that is accepted. */
export interface PathTree<T> {
  /** The best accepted value, or null. */
  find(path: string, accepts: (value: T) => boolean): T | null;
}

/**
 * Small on purpose: ten thousand routes have a tree each, and what does not fit the processor's
 * caches costs more than the walk itself.
 */
interface Node<T> {
  /** Literal segments, and the node behind each. */
  names: string[];
  nodes: Node<T>[];
  /** The same by name, where there are many. */
  byName: Map<string, Node<T>> | null;
  wildcard: Node<T> | null;
  /** Values of patterns that end here. */
  here: readonly T[];
  // Values of `…/**` patterns that begin here; they match this path itself too.
  below: readonly T[];
}

/** Up to here comparing one by one is quicker than cutting a segment out and hashing it. */
const FEW = 8;
const NONE: never[] = [];

/** Builds the tree; values under one pattern keep their order. */
export function pathTree<T>(values: readonly T[], patternOf: (value: T) => string): PathTree<T> {
  const root = node<T>();
  for (const value of values) {
    const segments = split(patternOf(value));
    let at = root;
    const isDeep = segments.at(-1) === '**';
    for (const segment of isDeep ? segments.slice(0, -1) : segments) at = descend(at, segment);
    if (isDeep) at.below = [...at.below, value];
    else at.here = [...at.here, value];
  }
  return {
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
  return { names: NONE, nodes: NONE, byName: null, wildcard: null, here: NONE, below: NONE };
}

function descend<T>(at: Node<T>, segment: string): Node<T> {
  if (segment === '*') return (at.wildcard ??= node());
  const known = at.nodes[at.names.indexOf(segment)];
  if (known !== undefined) return known;
  const next = node<T>();
  at.names = [...at.names, segment];
  at.nodes = [...at.nodes, next];
  if (at.names.length > FEW) {
    at.byName = new Map(at.names.map((name, i) => [name, at.nodes[i] as Node<T>]));
  }
  return next;
}

/** The node behind the literal segment of `path` from `from` to `end`. */
function literalOf<T>(at: Node<T>, path: string, from: number, end: number): Node<T> | undefined {
  if (at.byName !== null) return at.byName.get(path.slice(from, end));
  for (let i = 0; i < at.names.length; i += 1) {
    const name = at.names[i] as string;
    if (name.length === end - from && path.startsWith(name, from)) return at.nodes[i];
  }
  return undefined;
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
  if (at.names.length === 0 && at.wildcard === null) return pick(at.below, accepts);
  const slash = path.indexOf('/', from);
  const end = slash < 0 ? path.length : slash;
  const literal = literalOf(at, path, from, end);
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
