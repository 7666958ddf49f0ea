/**
 * Path patterns as a tree of segments. At each segment a lookup tries a literal match first, then
 * segments with `*` and other text, those with more text first, then `*`, then `**`. The pattern with
 * the longest literal prefix wins.
 */
import { ANY_NAME, decodeBytes } from '../request/path-text.ts';
import { fits, type Glob, globOf } from './glob.ts';

/** Finds the value of the most specific pattern that the caller accepts. */
export interface PathTree<T> {
  /** The best accepted value, or null. */
  find(path: string, accepts: (value: T) => boolean): T | null;
  /**
   * The values that `find` would return for the names that `ANY_NAME` in the path may stand for; null
   * among them if there is none for some name.
   */
  findAny(path: string, choice: Choice<T>): ReadonlySet<T | null>;
  /**
   * The accepted values of every pattern that begins with the path, and those of `…/**` patterns above
   * it that may be meant for some names only. Visits no node twice.
   */
  findBelow(path: string, choice: Choice<T>): ReadonlySet<T>;
}

/** The values that count. */
interface Choice<T> {
  readonly accepts: (value: T) => boolean;
  /** Whether an accepted value may be meant for some of the names only. */
  readonly isForSome: (value: T) => boolean;
}

/**
 * Kept small: ten thousand routes have one tree each, and cache misses cost more than the walk
 * itself.
 */
interface Node<T> {
  /** Literal segments, with their nodes at the same index. */
  names: string[];
  nodes: Node<T>[];
  /** The nodes by name, if there are more than FEW. */
  byName: Map<string, Node<T>> | null;
  /** Segments with `*`, the most specific first. */
  wild: readonly Wild<T>[];
  /** Values of patterns that end at this node. */
  here: readonly T[];
  // Values of `…/**` patterns that begin at this node. They also match the path of the node itself.
  below: readonly T[];
}

/** A segment with `*`, and its node. `glob` is null for `*` alone. */
interface Wild<T> {
  readonly segment: string;
  readonly glob: Glob | null;
  readonly node: Node<T>;
}

/**
 * Up to this many names, comparing each in turn is faster than cutting out a segment and hashing
 * it.
 */
const FEW = 8;
const NONE: never[] = [];

/** Builds the tree. Values of the same pattern keep their order. */
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
    findAny: (path, choice) => gatherAll(root, split(path), choice),
    findBelow: (path, choice) => gatherBelow(root, split(path), choice),
  };
}

/** A trailing slash makes no difference: `/admin` and `/admin/` have the same rules. */
function split(path: string): string[] {
  const segments = path.split('/');
  segments.shift();
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function node<T>(): Node<T> {
  return { names: NONE, nodes: NONE, byName: null, wild: NONE, here: NONE, below: NONE };
}

function descend<T>(at: Node<T>, segment: string): Node<T> {
  if (segment.includes('*')) return descendWild(at, segment);
  const known = at.nodes[at.names.indexOf(segment)];
  if (known !== undefined) return known;
  const next = node<T>();
  at.names = [...at.names, segment];
  at.nodes = [...at.nodes, next];
  if (at.names.length > FEW) {
    at.byName = new Map(at.nodes.map((child, i) => [at.names[i] ?? '', child]));
  }
  return next;
}

function descendWild<T>(at: Node<T>, segment: string): Node<T> {
  const known = at.wild.find((one) => one.segment === segment);
  if (known !== undefined) return known.node;
  const glob = segment === '*' ? null : globOf(decodeBytes(segment, 'literal'));
  const next = { segment, glob, node: node<T>() };
  at.wild = [...at.wild, next].sort(bySpecificity);
  return next.node;
}

/** The linker refuses two of the same weight that match the same name; the text makes the order total. */
function bySpecificity<T>(a: Wild<T>, b: Wild<T>): number {
  const difference = (b.glob?.weight ?? 0) - (a.glob?.weight ?? 0);
  return difference || Number(a.segment < b.segment) - Number(a.segment > b.segment);
}

/** The child for the literal segment of `path` between `from` and `end`. */
function literalOf<T>(at: Node<T>, path: string, from: number, end: number): Node<T> | undefined {
  if (at.byName !== null) return at.byName.get(path.slice(from, end));
  for (let i = 0; i < at.names.length; i += 1) {
    const name = at.names[i];
    if (name?.length === end - from && path.startsWith(name, from)) return at.nodes[i];
  }
  return undefined;
}

/** `from` is the index at which the next segment of the path begins. */
function search<T>(
  at: Node<T>,
  path: string,
  from: number,
  accepts: (value: T) => boolean,
): T | null {
  // As in `split`: a trailing slash adds no segment.
  if (from >= path.length) return pick(at.here, accepts) ?? pick(at.below, accepts);
  if (at.names.length === 0 && at.wild.length === 0) return pick(at.below, accepts);
  const slash = path.indexOf('/', from);
  const end = slash < 0 ? path.length : slash;
  const literal = literalOf(at, path, from, end);
  const found = literal === undefined ? null : search(literal, path, end + 1, accepts);
  if (found !== null) return found;
  for (const { glob, node: next } of at.wild) {
    if (glob !== null && !fitsEncoded(glob, path.slice(from, end))) continue;
    const wild = search(next, path, end + 1, accepts);
    if (wild !== null) return wild;
  }
  return pick(at.below, accepts);
}

/** `*` stands for characters, not for parts of their escapes. */
function fitsEncoded(glob: Glob, segment: string): boolean {
  return fits(glob, segment.includes('%') ? decodeBytes(segment, 'literal') : segment);
}

/** As `search`, with every child for `ANY_NAME`, and a name that is none of them. */
function gatherAll<T>(
  root: Node<T>,
  segments: readonly string[],
  { accepts, isForSome }: Choice<T>,
): ReadonlySet<T | null> {
  const found = new Set<T | null>();
  const add = (values: readonly T[]): boolean => {
    for (const value of values) {
      if (!accepts(value)) continue;
      found.add(value);
      if (!isForSome(value)) return true;
    }
    return false;
  };
  // Whether every name has a value. Visits no node twice.
  const gather = (at: Node<T>, index: number): boolean => {
    const segment = segments[index];
    if (segment === undefined) return add(at.here) || add(at.below);
    const isAny = segment === ANY_NAME;
    if (isAny) for (const child of at.nodes) gather(child, index + 1);
    else {
      const literal = literalOf(at, segment, 0, segment.length);
      if (literal !== undefined && gather(literal, index + 1)) return true;
    }
    for (const { glob, node: next } of at.wild) {
      if (glob !== null && !isAny && !fitsEncoded(glob, segment)) continue;
      // Some name fits no glob, so only `*` may end the search for all names.
      if (gather(next, index + 1) && (glob === null || !isAny)) return true;
    }
    return add(at.below);
  };
  if (!gather(root, 0)) found.add(null);
  return found;
}

function gatherBelow<T>(
  root: Node<T>,
  segments: readonly string[],
  { accepts, isForSome }: Choice<T>,
): ReadonlySet<T> {
  const found = new Set<T>();
  const gather = (at: Node<T>, index: number): void => {
    const segment = segments[index];
    const isBelow = segment === undefined;
    for (const value of isBelow ? [...at.here, ...at.below] : at.below) {
      if (accepts(value) && (isBelow || isForSome(value))) found.add(value);
    }
    const isAny = isBelow || segment === ANY_NAME;
    if (isAny) for (const child of at.nodes) gather(child, index + 1);
    else {
      const literal = literalOf(at, segment, 0, segment.length);
      if (literal !== undefined) gather(literal, index + 1);
    }
    for (const { glob, node: next } of at.wild) {
      if (isAny || glob === null || fitsEncoded(glob, segment)) gather(next, index + 1);
    }
  };
  gather(root, 0);
  return found;
}

/** The linker has sorted the rules of one pattern: those that name methods come first. */
function pick<T>(values: readonly T[], accepts: (value: T) => boolean): T | null {
  for (const value of values) if (accepts(value)) return value;
  return null;
}
