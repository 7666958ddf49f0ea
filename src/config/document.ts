/**
 * One YAML file as a plain value and a way back from a path to its line. Size, depth, number
 * of nodes and aliases are bounded before anything is built; keys that could reach a prototype
 * are refused. Must never evaluate a tag.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { type Fault, type FaultPath, formatPath, MAX_FAULTS, redactLine } from './fault.ts';
import { nearest } from './suggestion.ts';
import { weigh } from './yaml-weight.ts';

/** Values as YAML gives them: null, booleans, numbers, strings, arrays, plain objects. */
export type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

/** Where a fault points: at a value, or at the key before it. */
export type Aim = 'value' | 'key';

/** A file that was read. */
export interface Source {
  /** As the operator named it. */
  readonly file: string;
  readonly value: Tree;
  /** A fault at a path of this file, or at the nearest part of the path that stands in it. */
  fault(path: FaultPath, message: string, suggestion?: string | null, aim?: Aim): Fault;
}

/** Largest file, in bytes. */
export const MAX_YAML_BYTES = 1024 * 1024;
/** Deepest nesting. */
export const MAX_DEPTH = 64;
/** Most nodes after aliases have been written out. */
const MAX_NODES = 200_000;
const MAX_ALIASES = 50;

/** Keys that mean something to JavaScript rather than to an operator. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads the text of a file. With faults the value is what could be read of it. */
export function readDocument(
  file: string,
  text: string,
): { readonly source: Source; readonly faults: readonly Fault[] } {
  const lines = new LineCounter();
  const at = (offset: number, path: FaultPath, message: string, hint: string | null = null) =>
    faultAt({ file, text, lines }, offset, path, message, hint);
  const refusal = weigh(text, { maxBytes: MAX_YAML_BYTES, maxDepth: MAX_DEPTH });
  if (refusal !== null) {
    return { source: emptySource(file), faults: [at(refusal.offset, [], refusal.message)] };
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    // Duplicate keys are found below in linear time; the parser's own search is quadratic.
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    strict: true,
    version: '1.2',
  });
  const faults: Fault[] = [...document.errors, ...document.warnings]
    .slice(0, 20)
    .map((error) => at(error.pos[0], [], `not valid YAML: ${error.message}`));
  const note: Reading['note'] = (...about) => {
    // A line is cut out for each, which a bomb could make dear.
    if (faults.length < MAX_FAULTS) faults.push(at(...about));
  };
  const reading: Reading = { document, note, nodes: 0, aliases: 0 };
  const value = faults.length > 0 ? null : plainValue(reading, document.contents, []);
  const source: Source = {
    file,
    value,
    fault: (path, message, suggestion = null, aim = 'value') =>
      at(offsetOf(document, path, aim), path, message, suggestion),
  };
  return { source, faults };
}

/** A source without a text, for a file that could not be read. */
export function emptySource(file: string): Source {
  return {
    file,
    value: null,
    fault: (path, message, suggestion = null) => ({
      file,
      line: 0,
      col: 0,
      path: formatPath(path),
      message,
      suggestion,
      source: null,
    }),
  };
}

interface Reading {
  readonly document: Document;
  readonly note: (offset: number, path: FaultPath, message: string) => void;
  nodes: number;
  aliases: number;
}

/** Depth is the path's length; beyond a bound the branch is dropped with a fault. */
function plainValue(reading: Reading, node: unknown, path: FaultPath): Tree {
  reading.nodes += 1;
  const { note } = reading;
  const offset = offsetOfNode(node);
  if (path.length > MAX_DEPTH || reading.nodes > MAX_NODES) {
    const what = path.length > MAX_DEPTH ? `deeper than ${MAX_DEPTH} levels` : 'too many values';
    if (reading.nodes < Number.MAX_SAFE_INTEGER) note(offset, path, what);
    reading.nodes = Number.MAX_SAFE_INTEGER;
    return null;
  }
  if (node === null || node === undefined) return null;
  if (isAlias(node)) {
    reading.aliases += 1;
    if (reading.aliases > MAX_ALIASES) {
      note(offset, path, `more than ${MAX_ALIASES} aliases; write the values out`);
      reading.nodes = Number.MAX_SAFE_INTEGER;
      return null;
    }
    const target = node.resolve(reading.document);
    if (target === undefined) note(offset, path, `no anchor &${node.source} before this`);
    return plainValue(reading, target ?? null, path);
  }
  if (isSeq(node)) return node.items.map((item, i) => plainValue(reading, item, [...path, i]));
  if (isMap(node)) return plainMap(reading, node.items, path);
  if (isScalar(node)) return scalarValue(reading, node.value, offset, path);
  return null;
}

function plainMap(reading: Reading, items: readonly unknown[], path: FaultPath): Tree {
  const { note } = reading;
  const object: { [key: string]: Tree } = {};
  for (const item of items) {
    if (!isPair(item)) continue;
    const offset = offsetOfNode(item.key);
    const raw = isScalar(item.key) ? item.key.value : undefined;
    const key = typeof raw === 'number' ? String(raw) : raw;
    if (typeof key !== 'string') {
      note(offset, path, 'a key must be plain text');
    } else if (key === '<<') {
      note(offset, path, 'merge keys (<<) are not read here; write the keys out');
    } else if (FORBIDDEN_KEYS.has(key)) {
      note(offset, path, `the key ${key} is not allowed anywhere`);
    } else if (Object.hasOwn(object, key)) {
      note(offset, [...path, key], 'this key stands here twice; keep one of them');
    } else {
      object[key] = plainValue(reading, item.value, [...path, key]);
    }
  }
  return object;
}

function scalarValue(reading: Reading, value: unknown, offset: number, path: FaultPath): Tree {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    reading.note(offset, path, 'expected a finite number');
    return null;
  }
  if (value === null || ['string', 'boolean', 'number'].includes(typeof value)) {
    return value as Tree;
  }
  reading.note(offset, path, 'expected text, a number, true or false');
  return null;
}

function offsetOfNode(node: unknown): number {
  const range = (node as Partial<Node> | null | undefined)?.range;
  return range?.[0] ?? 0;
}

/** Where a path stands, or the nearest ancestor of it that does. */
function offsetOf(document: Document, path: FaultPath, aim: Aim): number {
  let node: unknown = document.contents;
  let offset = offsetOfNode(node);
  for (const [depth, part] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      if (node === undefined) return offset;
      offset = offsetOfNode(node);
    } else if (isMap(node)) {
      const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(part));
      if (pair === undefined) return offset;
      const keyOffset = offsetOfNode(pair.key);
      node = pair.value;
      const hasValue = node !== null && !(isScalar(node) && node.value === null);
      offset = (isLast && aim === 'key') || !hasValue ? keyOffset : offsetOfNode(node);
    } else {
      return offset;
    }
  }
  return offset;
}

interface Text {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
}

function faultAt(
  { file, text, lines }: Text,
  offset: number,
  path: FaultPath,
  message: string,
  suggestion: string | null,
): Fault {
  const known = lines.lineStarts.length > 0;
  const counted = known ? lines.linePos(offset) : countLines(text, offset);
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const source = redactLine(text.slice(start, end < 0 ? undefined : end).slice(0, 2000));
  const { line, col } = counted;
  return { file, line, col, path: formatPath(path), message, suggestion, source };
}

function countLines(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, col: (before.at(-1) ?? '').length + 1 };
}

/** A suggestion among words, quoted the way a fault shows it. */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  const found = nearest(word, candidates);
  return found === null ? null : `"${found}"`;
}
