/**
 * One YAML file as a plain value and a way back from a path to its line. Size, depth and number of
 * values are bounded before anything is built. A long text is parsed piece by piece, so that the
 * nodes of ten thousand routes are never in memory together. Must never evaluate a tag.
 */
import { isMap, LineCounter, parseDocument } from 'yaml';
import { type Fault, type FaultPath, formatPath, MAX_FAULTS, redactLine } from '../faults/fault.ts';
import { type Aim, emptySource, type Source, type Tree } from '../faults/source.ts';
import type { Piece } from './yaml-pieces.ts';
import {
  addBelow,
  addMembers,
  MAX_DEPTH,
  type Members,
  offsetAt,
  offsetOf,
  type Part,
  reading,
  type Reading,
  valueOf,
} from './yaml-value.ts';
import { MAX_TOKENS, weigh } from './yaml-weight.ts';

/** Largest file, in bytes. */
export const MAX_YAML_BYTES = 8 * 1024 * 1024;

/** Size of a piece, in characters. */
const PIECE = 4 * 1024;
/** Errors of the parser that are worth telling. */
const MAX_ERRORS = 20;

/** A text that was read. With faults the value is what could be read of it. */
export interface ReadDocument {
  readonly source: Source;
  readonly faults: readonly Fault[];
}

/** Reads the text of a file, if it is long in pieces of `size` characters. */
export function readDocument(file: string, text: string, size = PIECE): ReadDocument {
  const steps = readSteps(file, text, size);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same with pauses, in which a gateway goes on answering. */
export async function readDocumentInSteps(
  file: string,
  text: string,
  pause: () => Promise<unknown>,
): Promise<ReadDocument> {
  const steps = readSteps(file, text, PIECE);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

function* readSteps(file: string, text: string, size: number): Generator<void, ReadDocument> {
  const weight = yield* weigh(text, { maxBytes: MAX_YAML_BYTES, maxDepth: MAX_DEPTH });
  const lines = linesOf(text);
  const at: At = (offset, path, message, hint = null) =>
    faultAt({ file, text, lines }, offset, path, message, hint);
  if (weight.refusal !== null) {
    return { source: emptySource(file), faults: [at(weight.offset, [], weight.refusal)] };
  }
  const isLong = text.length > 2 * size;
  const pieces = isLong ? weight.finder.pieces(text.length, size) : null;
  let read = pieces === null ? readWhole(text, at) : yield* readPieces(text, pieces, at);
  // What the parser says about the whole is said better.
  if (read === null || (pieces !== null && read.isBroken && weight.tokens <= MAX_TOKENS)) {
    read = readWhole(text, at);
  }
  const { value, start, faults, inner } = read;
  const offset = (path: FaultPath, aim: Aim): number => offsetAt(inner, value, start, path, aim);
  const source: Source = {
    file,
    value,
    fault: (path, message, suggestion = null, aim = 'value') =>
      at(offset(path, aim), path, message, suggestion),
    location: (path) => ({ file, ...positionOf(lines, offset(path, 'value')) }),
  };
  return { source, faults };
}

type At = (offset: number, path: FaultPath, message: string, hint?: string | null) => Fault;

/** What reading a text came to. */
interface Read {
  readonly value: Tree;
  /** Where the value begins. */
  readonly start: number;
  readonly faults: readonly Fault[];
  readonly inner: Reading;
  /** It is no YAML. */
  readonly isBroken: boolean;
}

function readWhole(text: string, at: At): Read {
  const faults: Fault[] = [];
  const inner = readingInto(faults, at);
  const part = parsed(text, 0, faults, at);
  const isBroken = faults.length > 0;
  const root = part.document.contents;
  const value = isBroken ? null : valueOf(inner, part, root, []);
  return { value, start: offsetOf(root), faults, inner, isBroken };
}

/** The same of a text that is a mapping, piece by piece; null when a piece is not what it was taken for. */
function* readPieces(text: string, pieces: readonly Piece[], at: At): Generator<void, Read | null> {
  if (pieces[0]?.of !== 'top') return null;
  const faults: Fault[] = [];
  const inner = readingInto(faults, at);
  const root: Members = {};
  /** The key that the members below belong to; null: it was refused. */
  let key: string | null = null;
  let isBroken = false;
  for (const { start, end, of } of pieces) {
    yield;
    const before = faults.length;
    const part = parsed(text.slice(start, end), start, faults, at);
    if (faults.length > before) {
      isBroken = true;
      if (faults.length >= MAX_ERRORS) break;
      continue;
    }
    const { contents } = part.document;
    if (of === 'top') {
      if (!isMap(contents)) return null;
      key = addMembers(inner, part, contents.items, root, []);
    } else if (key !== null && !addBelow(inner, part, contents, root, key)) return null;
  }
  const start = pieces[0]?.start ?? 0;
  return { value: isBroken ? null : root, start, faults, inner, isBroken };
}

function parsed(text: string, base: number, faults: Fault[], at: At): Part {
  const document = parseDocument(text, {
    // Duplicate keys are found in linear time; the parser's own search is quadratic.
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    strict: true,
    version: '1.2',
  });
  for (const error of [...document.errors, ...document.warnings].slice(0, MAX_ERRORS)) {
    faults.push(at(base + error.pos[0], [], `not valid YAML: ${error.message}`));
  }
  return { document, base };
}

function readingInto(faults: Fault[], at: At): Reading {
  return reading((...about) => {
    // A line is cut out for each, which a bomb could make dear.
    if (faults.length < MAX_FAULTS) faults.push(at(...about));
  });
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
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const source = redactLine(text.slice(start, end < 0 ? undefined : end).slice(0, 2000));
  const { line, col } = positionOf(lines, offset);
  return { file, line, col, path: formatPath(path), message, suggestion, source };
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    lines.addNewLine(end + 1);
  }
  return lines;
}

function positionOf(lines: LineCounter, offset: number): { line: number; col: number } {
  const { line, col } = lines.linePos(offset);
  return { line, col };
}
