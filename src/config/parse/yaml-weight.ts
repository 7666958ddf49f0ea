/** Weighs a YAML text by its tokens before a parser builds anything from it, so that bombs cost next to nothing. */
import { Lexer } from 'yaml';
import { type PieceFinder, pieceFinder } from './yaml-pieces.ts';

/** Most tokens, blanks included, of what must be parsed at once; a thousand routes have some hundred thousand. */
export const MAX_TOKENS = 200_000;
/** Most tokens of a text that can be parsed piece by piece. */
const MAX_TOKENS_IN_PIECES = 4_000_000;
/** Most anchors and aliases together: the parser searches all of the text for each. */
const MAX_NAMES = 200;

/** What a text weighs: where and why it is too heavy, or how it may be parsed. */
type Weight =
  | { readonly offset: number; readonly refusal: string }
  | { readonly refusal: null; readonly tokens: number; readonly finder: PieceFinder };

/** Tokens between two pauses. */
const STEP = 2_000;

/** Weighs a text, with a pause now and then. */
export function* weigh(
  text: string,
  limits: { readonly maxBytes: number; readonly maxDepth: number },
): Generator<void, Weight> {
  if (Buffer.byteLength(text) > limits.maxBytes) {
    return { offset: 0, refusal: `larger than ${limits.maxBytes / 1024} KiB` };
  }
  const finder = pieceFinder();
  const gauge = depthGauge();
  let offset = 0;
  let tokens = 0;
  let names = 0;
  let cut: number | null = 0;
  let sinceCut = 0;
  for (const token of new Lexer().lex(text)) {
    if (CONTROL.has(token)) continue;
    tokens += 1;
    if (tokens % STEP === 0) yield;
    finder.see(token, offset, gauge.column(), gauge.brackets());
    if (finder.lastCut() !== cut) {
      cut = finder.lastCut();
      sinceCut = 0;
    }
    sinceCut += 1;
    if (gauge.after(token) > limits.maxDepth) {
      return { offset, refusal: `nested deeper than ${limits.maxDepth} levels` };
    }
    if (/^[&*]/.test(token)) names += 1;
    if (names > MAX_NAMES) return { offset, refusal: `more than ${MAX_NAMES} anchors and aliases` };
    const most = cut === null ? MAX_TOKENS : MAX_TOKENS_IN_PIECES;
    if (tokens > most) return { offset, refusal: `more than ${most} YAML tokens` };
    if (sinceCut > MAX_TOKENS) {
      return { offset, refusal: `more than ${MAX_TOKENS} YAML tokens in one place` };
    }
    offset += token.length;
  }
  return { refusal: null, tokens, finder };
}

/** Follows the depth token by token: brackets count, and so does each deeper column that opens a level. */
function depthGauge() {
  const columns: number[] = [];
  let flow = 0;
  let column = 0;
  /** Whether only blanks and indicators such as `- -` stood on this line so far. */
  let atHead = true;
  return {
    /** Where the next token begins. */
    column: () => column,
    /** How many brackets are open. */
    brackets: () => flow,
    /** How deep it is behind this token. */
    after(token: string): number {
      const at = column;
      if (token.endsWith('\n')) {
        column = 0;
        atHead = true;
        return columns.length + flow;
      }
      column += token.length;
      if (token === '[' || token === '{') flow += 1;
      else if (token === ']' || token === '}') flow = Math.max(0, flow - 1);
      if (!atHead || flow > 0 || token.trim() === '' || token.startsWith('#')) {
        return columns.length + flow;
      }
      while (columns.length > 0 && (columns.at(-1) as number) >= at) columns.pop();
      columns.push(at);
      atHead = INDICATORS.has(token);
      return columns.length + flow;
    },
  };
}

const INDICATORS = new Set(['-', '?', ':']);

/** Tokens the lexer makes up: byte order, document start, flow end, scalar. */
const CONTROL = new Set(['\u{FEFF}', '\u0002', '\u0018', '\u001f']);
