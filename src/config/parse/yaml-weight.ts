/**
 * Counts the tokens, depth and anchors of a YAML text before a parser builds nodes from it. A
 * hostile file is refused at the cost of a lexer run.
 */
import { Lexer } from 'yaml';

/** Largest file, in bytes. */
export const MAX_YAML_BYTES = 2 * 1024 * 1024;
/** Deepest nesting. */
export const MAX_DEPTH = 64;
/** Most tokens, blanks included; a thousand routes have some hundred thousand. */
const MAX_TOKENS = 1_000_000;
/** Most tokens beside an anchor or alias: the parser searches all nodes for each alias. */
const MAX_TOKENS_WITH_ANCHORS = 200_000;
/** Most anchors and aliases together. */
const MAX_ANCHORS = 200;

/** Why a text is refused, and the offset of the token that exceeds a limit. */
export interface Overweight {
  readonly offset: number;
  readonly message: string;
}

/** The first limit that a text exceeds; null when it may be parsed. */
export function overweight(text: string): Overweight | null {
  if (Buffer.byteLength(text) > MAX_YAML_BYTES) {
    return { offset: 0, message: `expected at most ${MAX_YAML_BYTES / 1024} KiB` };
  }
  const depthAfter = depthGauge();
  let offset = 0;
  let tokens = 0;
  let anchors = 0;
  for (const token of new Lexer().lex(text)) {
    if (CONTROL.has(token)) continue;
    tokens += 1;
    if (/^[&*]/.test(token)) anchors += 1;
    const most = anchors === 0 ? MAX_TOKENS : MAX_TOKENS_WITH_ANCHORS;
    if (depthAfter(token) > MAX_DEPTH) {
      return { offset, message: `expected at most ${MAX_DEPTH} levels of nesting` };
    }
    if (anchors > MAX_ANCHORS) {
      return { offset, message: `expected at most ${MAX_ANCHORS} anchors and aliases` };
    }
    if (tokens > most) return { offset, message: `expected at most ${most} YAML tokens` };
    offset += token.length;
  }
  return null;
}

/** Tracks the depth token by token: brackets count, and so does each deeper column that opens a level. */
function depthGauge(): (token: string) => number {
  const columns: number[] = [];
  let brackets = 0;
  let column = 0;
  /** Whether the line so far has only blanks and indicators such as `- -`. */
  let isHead = true;
  const advance = (token: string): void => {
    const start = column;
    if (token.endsWith('\n')) {
      column = 0;
      isHead = true;
      return;
    }
    column += token.length;
    if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    if (!isHead || brackets > 0 || token.trim() === '' || token.startsWith('#')) return;
    while ((columns.at(-1) ?? -1) >= start) columns.pop();
    columns.push(start);
    isHead = INDICATORS.has(token);
  };
  return (token) => {
    advance(token);
    return columns.length + brackets;
  };
}

const INDICATORS = new Set(['-', '?', ':']);

/** Tokens that the lexer adds: byte order mark, document start, flow end, scalar. */
const CONTROL = new Set(['\u{FEFF}', '\u0002', '\u0018', '\u001f']);
