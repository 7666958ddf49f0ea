/** A file of the configuration: its value, and the way from a path in it back to a line. */
import { type Fault, type FaultPath, formatPath } from './fault.ts';

/** A value as YAML gives it: null, booleans, numbers, strings, arrays and plain objects. */
export type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

/** What a fault points at: a value, or the key in front of it. */
export type Aim = 'value' | 'key';

/** A file that was read. */
export interface Source {
  /** The file's name as the operator wrote it. */
  readonly file: string;
  readonly value: Tree;
  /** A fault at a path of this file, or at the nearest ancestor that the file contains. */
  fault(path: FaultPath, message: string, suggestion?: string | null, aim?: Aim): Fault;
  /** Line and column of a path, or of its nearest ancestor. Line 0: the value is in no file. */
  location(path: FaultPath): Location;
}

/** A position in a file; line and column count from 1. */
interface Location {
  /** Not the source's own file where an override replaced the value. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** A flow file that was read. */
export interface FlowSource {
  /** The name of the file without its ending. */
  readonly name: string;
  /** Whether it is a shipped flow, which the operator did not replace. */
  readonly isShipped: boolean;
  /** Null: the file could not be read, which is a fault already. */
  readonly source: Source | null;
}

/** A source without text, for a file that could not be read. */
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
    location: () => ({ file, line: 0, col: 0 }),
  };
}
