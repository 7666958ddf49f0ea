/** Weighs a YAML text by its tokens before a parser builds anything from it, so that bombs cost next to nothing. */
import { Lexer } from 'yaml';

/** Most tokens, blanks included; a thousand routes have about thirty thousand. */
const MAX_TOKENS = 250_000;

/** What is too heavy, and where; null when the text may be parsed. */
export function weigh(
  text: string,
  limits: { readonly maxBytes: number; readonly maxDepth: number },
): { readonly offset: number; readonly message: string } | null {
  if (Buffer.byteLength(text) > limits.maxBytes) {
    return { offset: 0, message: `larger than ${limits.maxBytes / 1024} KiB` };
  }
  let offset = 0;
  let tokens = 0;
  let flowDepth = 0;
  // Indicators such as `- - -` that open a level each within one line.
  let inlineDepth = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (token === '[' || token === '{') flowDepth += 1;
    else if (token === ']' || token === '}') flowDepth -= 1;
    else if (flowDepth <= 0 && INDICATORS.has(token)) inlineDepth += 1;
    else if (token.endsWith('\n')) inlineDepth = 0;
    if (flowDepth > limits.maxDepth || inlineDepth > limits.maxDepth) {
      return { offset, message: `nested deeper than ${limits.maxDepth} levels` };
    }
    if (tokens > MAX_TOKENS) {
      return { offset, message: `more than ${MAX_TOKENS} YAML tokens` };
    }
    if (!CONTROL.has(token)) offset += token.length;
  }
  return null;
}

const INDICATORS = new Set(['-', '?', ':']);

/** Tokens the lexer makes up: byte order, document start, flow end, scalar. */
const CONTROL = new Set(['\u{FEFF}', '\u0002', '\u0018', '\u001f']);
