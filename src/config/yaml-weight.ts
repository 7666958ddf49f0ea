/** Weighs a YAML text by its tokens before a parser builds anything from it, so that bombs cost next to nothing. */
import { Lexer } from 'yaml';

/** Most tokens, blanks included; a thousand routes have about thirty thousand. */
const MAX_TOKENS = 200_000;
/** Most anchors and aliases together: the parser searches all of the text for each. */
const MAX_NAMES = 200;

/** What is too heavy, and where; null when the text may be parsed. */
export function weigh(
  text: string,
  limits: { readonly maxBytes: number; readonly maxDepth: number },
): { readonly offset: number; readonly message: string } | null {
  if (Buffer.byteLength(text) > limits.maxBytes) {
    return { offset: 0, message: `larger than ${limits.maxBytes / 1024} KiB` };
  }
  const depth = depthGauge();
  let offset = 0;
  let tokens = 0;
  let names = 0;
  for (const token of new Lexer().lex(text)) {
    if (CONTROL.has(token)) continue;
    tokens += 1;
    if (depth(token) > limits.maxDepth) {
      return { offset, message: `nested deeper than ${limits.maxDepth} levels` };
    }
    if (/^[&*]/.test(token)) names += 1;
    if (names > MAX_NAMES) return { offset, message: `more than ${MAX_NAMES} anchors and aliases` };
    if (tokens > MAX_TOKENS) return { offset, message: `more than ${MAX_TOKENS} YAML tokens` };
    offset += token.length;
  }
  return null;
}

/** Follows the depth token by token: brackets count, and so does each deeper column that opens a level. */
function depthGauge(): (token: string) => number {
  const columns: number[] = [];
  let flow = 0;
  let column = 0;
  /** Whether only blanks and indicators such as `- -` stood on this line so far. */
  let atHead = true;
  return (token) => {
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
  };
}

const INDICATORS = new Set(['-', '?', ':']);

/** Tokens the lexer makes up: byte order, document start, flow end, scalar. */
const CONTROL = new Set(['\u{FEFF}', '\u0002', '\u0018', '\u001f']);
