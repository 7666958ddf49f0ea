/**
 * YAML nodes as plain values, with the offset of each value in the text. Bounds the number of values
 * and aliases, and refuses keys that could reach a prototype.
 */
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq } from 'yaml';
import type { FaultPath } from '../faults/fault.ts';
import type { Aim, Tree } from '../faults/source.ts';
import { MAX_DEPTH } from './yaml-weight.ts';

/** Most values, counting those that aliases repeat. */
const MAX_VALUES = 2_000_000;
const MAX_ALIASES = 50;

/** Keys that have a meaning in JavaScript. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Offsets of the members of one list or mapping, in order: one number for each item of a list; the
 * key, its offset and the offset of its value for each member of a mapping. Flat, because there are
 * many.
 */
export type Offsets = (number | string)[];

/** A value and the offsets in it. Plain data, which can be sent to another thread. */
export interface Contents {
  readonly value: Tree;
  /** Offset of the value itself. */
  readonly start: number;
  /** By list or mapping of `value`. */
  readonly offsets: Map<object, Offsets>;
}

/** Reports a fault at an offset of the text. */
export type Note = (offset: number, path: FaultPath, message: string) => void;

/** What the conversion of one document carries along. */
interface Conversion {
  readonly document: Document;
  readonly note: Note;
  readonly offsets: Map<object, Offsets>;
  values: number;
  aliases: number;
}

/** The value of a document. Faults go to `note`, and faulty values become null. */
export function contentsOf(document: Document, note: Note): Contents {
  const offsets = new Map<object, Offsets>();
  const root = document.contents;
  const value = valueOf({ document, note, offsets, values: 0, aliases: 0 }, root, []);
  return { value, start: offsetOf(root), offsets };
}

/** The value of a node. The length of the path is the depth. */
function valueOf(to: Conversion, node: unknown, path: FaultPath): Tree {
  to.values += 1;
  if (path.length > MAX_DEPTH) return giveUp(to, node, path, `deeper than ${MAX_DEPTH} levels`);
  if (to.values > MAX_VALUES) return giveUp(to, node, path, `more than ${MAX_VALUES} values`);
  if (node === null || node === undefined) return null;
  if (isAlias(node)) {
    to.aliases += 1;
    if (to.aliases > MAX_ALIASES) {
      return giveUp(to, node, path, `more than ${MAX_ALIASES} aliases; write the values out`);
    }
    const target = node.resolve(to.document);
    if (target === undefined) {
      to.note(offsetOf(node), path, `no anchor &${node.source} above this alias`);
    }
    return valueOf(to, target ?? null, path);
  }
  if (isSeq(node)) return listOf(to, node.items, path);
  if (isMap(node)) return mappingOf(to, node.items, path);
  return isScalar(node) ? scalarOf(to, node, path) : null;
}

/** Reports one fault and converts nothing further. */
function giveUp(to: Conversion, node: unknown, path: FaultPath, message: string): null {
  if (to.values < Number.MAX_SAFE_INTEGER) to.note(offsetOf(node), path, message);
  to.values = Number.MAX_SAFE_INTEGER;
  return null;
}

function listOf(to: Conversion, items: readonly unknown[], path: FaultPath): Tree[] {
  const list: Tree[] = [];
  to.offsets.set(list, items.map(offsetOf));
  for (const item of items) list.push(valueOf(to, item, [...path, list.length]));
  return list;
}

function mappingOf(to: Conversion, pairs: readonly unknown[], path: FaultPath): Tree {
  const members: { [key: string]: Tree } = {};
  const offsets: Offsets = [];
  to.offsets.set(members, offsets);
  for (const pair of pairs) {
    if (!isPair(pair)) continue;
    const key = keyOf(to, pair.key, members, path);
    if (key === null) continue;
    const { value } = pair;
    const offset = offsetOf(pair.key);
    const isEmpty = value === null || (isScalar(value) && value.value === null);
    offsets.push(key, offset, isEmpty ? offset : offsetOf(value));
    members[key] = valueOf(to, value, [...path, key]);
  }
  return members;
}

function keyOf(to: Conversion, node: unknown, members: object, path: FaultPath): string | null {
  const raw = isScalar(node) ? node.value : undefined;
  const key = typeof raw === 'number' ? String(raw) : raw;
  const offset = offsetOf(node);
  if (typeof key !== 'string') {
    to.note(offset, path, 'expected text as a key');
  } else if (key === '<<') {
    to.note(offset, path, 'merge keys (<<) are not supported; write the keys out');
  } else if (FORBIDDEN_KEYS.has(key)) {
    to.note(offset, path, `the key ${key} is not allowed anywhere`);
  } else if (Object.hasOwn(members, key)) {
    to.note(offset, [...path, key], 'duplicate key; keep one of them');
  } else {
    return key;
  }
  return null;
}

function scalarOf(to: Conversion, node: { readonly value: unknown }, path: FaultPath): Tree {
  const { value } = node;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const expected = typeof value === 'number' ? 'a finite number' : 'text, a number, true or false';
  to.note(offsetOf(node), path, `expected ${expected}`);
  return null;
}

/** The offset of the value at a path, or of its key; of the nearest ancestor where nothing is at the path. */
export function offsetAt(contents: Contents, path: FaultPath, aim: Aim): number {
  let value: Tree | undefined = contents.value;
  let offset = contents.start;
  for (const [depth, step] of path.entries()) {
    if (typeof value !== 'object' || value === null) return offset;
    const found: Offsets = contents.offsets.get(value) ?? [];
    const isKey = aim === 'key' && depth === path.length - 1;
    const index = indexOf(value, found, step);
    const at =
      index === null ? undefined : found[isKey && !Array.isArray(value) ? index - 1 : index];
    if (typeof at !== 'number') return offset;
    offset = at;
    value = Array.isArray(value) ? value[Number(step)] : value[String(step)];
  }
  return offset;
}

/** The index of a member's value in the list of offsets; null if there is no such member. */
function indexOf(value: Tree, offsets: Offsets, step: string | number): number | null {
  if (Array.isArray(value)) return typeof step === 'number' ? step : null;
  const key = offsets.indexOf(String(step));
  return key < 0 ? null : key + 2;
}

/** The offset of a node in its text. */
function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
