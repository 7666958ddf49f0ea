/**
 * One YAML file as a plain value, with the way from a path in it back to a line. Size, depth and
 * number of values are bounded before anything is built. Must never evaluate a tag.
 */
import { LineCounter, parseDocument } from 'yaml';
import { type Fault, type FaultPath, formatPath, MAX_FAULTS, redactLine } from '../faults/fault.ts';
import type { Source } from '../faults/source.ts';
import { type Contents, contentsOf, offsetAt } from './yaml-value.ts';
import { overweight } from './yaml-weight.ts';

/** Most errors of the YAML parser that are reported. */
const MAX_ERRORS = 20;

/** A text that was parsed. With faults, `contents` has what could be read. Plain data. */
export interface ParsedText {
  readonly contents: Contents;
  readonly faults: readonly Fault[];
}

/** A file that was read. With faults, the source has what could be read. */
export interface ReadDocument {
  readonly source: Source;
  readonly faults: readonly Fault[];
}

const NOTHING: Contents = { value: null, start: 0, offsets: new Map() };

/** Reads the text of a file. Takes about a second for 2 MiB; see `readInBackground`. */
export function readDocument(file: string, text: string): ReadDocument {
  const { contents, faults } = parseText(file, text);
  return { source: sourceOf(file, text, contents), faults };
}

/** Parses the text of a file. */
export function parseText(file: string, text: string): ParsedText {
  const about = { file, text, lines: linesOf(text) };
  const refusal = overweight(text);
  if (refusal !== null) {
    return { contents: NOTHING, faults: [faultAt(about, refusal.offset, [], refusal.message)] };
  }
  const document = parseDocument(text, {
    // Duplicate keys are found in linear time; the parser's own search is quadratic.
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    strict: true,
    version: '1.2',
  });
  const errors = [...document.errors, ...document.warnings].slice(0, MAX_ERRORS);
  if (errors.length > 0) {
    const faults = errors.map(({ pos, message }) =>
      faultAt(about, pos[0], [], `not valid YAML: ${message}`),
    );
    return { contents: NOTHING, faults };
  }
  const faults: Fault[] = [];
  const contents = contentsOf(document, (offset, path, message) => {
    // Each fault copies a line of the text, so their number must be bounded here.
    if (faults.length < MAX_FAULTS) faults.push(faultAt(about, offset, path, message));
  });
  return { contents, faults };
}

/** A source for a text that was parsed before. */
export function sourceOf(file: string, text: string, contents: Contents): Source {
  const about = { file, text, lines: linesOf(text) };
  return {
    file,
    value: contents.value,
    fault: (path, message, suggestion = null, aim = 'value') => ({
      ...faultAt(about, offsetAt(contents, path, aim), path, message),
      suggestion,
    }),
    location: (path) => ({
      file,
      ...positionOf(about.lines, offsetAt(contents, path, 'value')),
    }),
  };
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
): Fault {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const source = redactLine(text.slice(start, end < 0 ? undefined : end).slice(0, 2000));
  const { line, col } = positionOf(lines, offset);
  return { file, line, col, path: formatPath(path), message, suggestion: null, source };
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
