/**
 * YAML nodes become plain values, and what is kept of the nodes is where each value stood. Number of
 * values and aliases are bounded; keys that could reach a prototype are refused.
 */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import type { FaultPath } from '../faults/fault.ts';
import type { Aim, Tree } from '../faults/source.ts';

/** Deepest nesting. */
export const MAX_DEPTH = 64;
/** Most values after aliases have been written out. */
const MAX_VALUES = 2_000_000;
const MAX_ALIASES = 50;

/** Keys that mean something to JavaScript rather than to an operator. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Where the members of one list or mapping stand, in their order: of a list one offset a member, of a
 * mapping the key, its offset and that of its value. One flat list each, for there are many.
 */
type Places = (number | string)[];

/** What is being read: one text, in one document or in several that follow each other. */
export interface Reading {
  readonly note: (offset: number, path: FaultPath, message: string) => void;
  readonly places: Map<object, Places>;
  values: number;
  aliases: number;
}

/** A part of the text as it was parsed. */
export interface Part {
  readonly document: Document;
  /** Where it begins in the text. */
  readonly base: number;
}

/** The members of a mapping that have been read so far. */
export type Members = { [key: string]: Tree };

/** Begins to read. */
export function reading(note: Reading['note']): Reading {
  return { note, places: new Map(), values: 0, aliases: 0 };
}

/** The value of a node. Depth is the path's length; beyond a bound the branch is dropped with a fault. */
export function valueOf(to: Reading, part: Part, node: unknown, path: FaultPath): Tree {
  to.values += 1;
  const offset = part.base + offsetOf(node);
  if (path.length > MAX_DEPTH || to.values > MAX_VALUES) {
    const what = path.length > MAX_DEPTH ? `deeper than ${MAX_DEPTH} levels` : 'too many values';
    if (to.values < Number.MAX_SAFE_INTEGER) to.note(offset, path, what);
    to.values = Number.MAX_SAFE_INTEGER;
    return null;
  }
  if (node === null || node === undefined) return null;
  if (isAlias(node)) {
    to.aliases += 1;
    if (to.aliases > MAX_ALIASES) {
      to.note(offset, path, `more than ${MAX_ALIASES} aliases; write the values out`);
      to.values = Number.MAX_SAFE_INTEGER;
      return null;
    }
    const target = node.resolve(part.document);
    if (target === undefined) to.note(offset, path, `no anchor &${node.source} before this`);
    return valueOf(to, part, target ?? null, path);
  }
  if (isSeq(node)) {
    const list: Tree[] = [];
    addItems(to, part, node.items, list, path);
    return list;
  }
  if (isMap(node)) {
    const members: Members = {};
    addMembers(to, part, node.items, members, path);
    return members;
  }
  return isScalar(node) ? scalarOf(to, node.value, offset, path) : null;
}

/** Reads the items of a list behind those it has. */
function addItems(
  to: Reading,
  part: Part,
  items: readonly unknown[],
  list: Tree[],
  path: FaultPath,
): void {
  const places = placesIn(to, list);
  for (const item of items) {
    places.push(part.base + offsetOf(item));
    list.push(valueOf(to, part, item, [...path, list.length]));
  }
}

/** Reads the pairs of a mapping beside those it has; gives the last key, null when that was refused. */
export function addMembers(
  to: Reading,
  part: Part,
  pairs: readonly unknown[],
  members: Members,
  path: FaultPath,
): string | null {
  const places = placesIn(to, members);
  let last: string | null = null;
  for (const pair of pairs) {
    if (!isPair(pair)) continue;
    const offset = part.base + offsetOf(pair.key);
    const key = keyOf(to, pair.key, members, offset, path);
    last = key;
    if (key === null) continue;
    const { value } = pair;
    const isThere = value !== null && !(isScalar(value) && value.value === null);
    places.push(key, offset, isThere ? part.base + offsetOf(value) : offset);
    members[key] = valueOf(to, part, value, [...path, key]);
  }
  return last;
}

/**
 * Reads what stands below a key at the top, in a part of its own, behind what the key has so far.
 * False when it is of another kind.
 */
export function addBelow(
  to: Reading,
  part: Part,
  node: unknown,
  root: Members,
  key: string,
): boolean {
  let held = root[key] ?? null;
  if (held === null && (isSeq(node) || isMap(node))) {
    held = isSeq(node) ? [] : {};
    root[key] = held;
    const places = placesIn(to, root);
    places[places.indexOf(key) + 2] = part.base + offsetOf(node);
  }
  if (isSeq(node) && Array.isArray(held)) addItems(to, part, node.items, held, [key]);
  else if (isMap(node) && isMembers(held)) addMembers(to, part, node.items, held, [key]);
  else return false;
  return true;
}

function isMembers(value: Tree): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keyOf(
  { note }: Reading,
  node: unknown,
  members: Members,
  offset: number,
  path: FaultPath,
): string | null {
  const raw = isScalar(node) ? node.value : undefined;
  const key = typeof raw === 'number' ? String(raw) : raw;
  if (typeof key !== 'string') note(offset, path, 'a key must be plain text');
  else if (key === '<<')
    note(offset, path, 'merge keys (<<) are not read here; write the keys out');
  else if (FORBIDDEN_KEYS.has(key)) note(offset, path, `the key ${key} is not allowed anywhere`);
  else if (Object.hasOwn(members, key)) {
    note(offset, [...path, key], 'this key stands here twice; keep one of them');
  } else return key;
  return null;
}

function scalarOf({ note }: Reading, value: unknown, offset: number, path: FaultPath): Tree {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    note(offset, path, 'expected a finite number');
    return null;
  }
  if (value === null || ['string', 'boolean', 'number'].includes(typeof value)) {
    return value as Tree;
  }
  note(offset, path, 'expected text, a number, true or false');
  return null;
}

/** Where a path stands, or the nearest ancestor of it that does. `root` stands at `start`. */
export function offsetAt(
  { places }: Pick<Reading, 'places'>,
  root: Tree,
  start: number,
  path: FaultPath,
  aim: Aim,
): number {
  let value: Tree | undefined = root;
  let offset = start;
  for (const [depth, step] of path.entries()) {
    if (typeof value !== 'object' || value === null) return offset;
    const found = places.get(value);
    if (found === undefined) return offset;
    if (Array.isArray(value)) {
      const at = typeof step === 'number' ? found[step] : undefined;
      if (typeof at !== 'number') return offset;
      offset = at;
      value = value[step as number];
    } else {
      const index = found.indexOf(String(step));
      if (index < 0) return offset;
      const isKey = aim === 'key' && depth === path.length - 1;
      offset = found[index + (isKey ? 1 : 2)] as number;
      value = value[String(step)];
    }
  }
  return offset;
}

/** Offset of a node in its own document. */
export function offsetOf(node: unknown): number {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range?.[0] ?? 0;
}

function placesIn({ places }: Reading, container: object): Places {
  const known = places.get(container);
  if (known !== undefined) return known;
  const made: Places = [];
  places.set(container, made);
  return made;
}
