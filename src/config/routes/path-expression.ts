/**
 * Links `re`: a regular expression that matches whole paths, compiled so that it takes linear time
 * and can be compared without regard to case.
 */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { encodeText } from '../../core/request/path-text.ts';
import type { PathExpression } from '../../core/routes/comparisons.ts';
import { blame, type Spot } from '../faults/spot.ts';

// Loaded synchronously because linking is synchronous, and only if a rule uses an expression.
const require = createRequire(import.meta.url);

/** Most expressions of a route: each is matched against every reading of a path. */
export const MAX_EXPRESSIONS = 16;
/** Longest program of an expression, in instructions. */
const MAX_PROGRAM = 1000;

/** The compiled expression; null once its fault has been noted. */
export function linkExpression(text: string, spot: Spot): PathExpression | null {
  const fault = faultOfForm(text);
  if (fault !== null) {
    blame(spot, ...fault);
    return null;
  }
  const { RE2JS } = loaded();
  const whole = `^(?:${text.slice(1, -1)})$`;
  let exact: RE2JS;
  try {
    exact = RE2JS.compile(whole);
  } catch (cause) {
    // Named fallback: an expression that does not compile is a fault of the configuration.
    blame(
      spot,
      `not a regular expression: ${cause instanceof Error ? cause.message : 'unreadable'}`,
    );
    return null;
  }
  if (exact.programSize() > MAX_PROGRAM) {
    blame(spot, 'the expression is too large; use fewer or smaller repetitions');
    return null;
  }
  const oneCased = atomsOf(text).find((atom) => !isFoldable(atom));
  if (oneCased !== undefined) {
    blame(spot, `${oneCased} excludes letters in one case only, but apps may ignore case`);
    return null;
  }
  const anyCase = RE2JS.compile(whole, RE2JS.CASE_INSENSITIVE);
  return {
    below: patternAround(text),
    matches: (path) => exact.test(path),
    matchesAnyCase: (path) => anyCase.test(path),
  };
}

/** What is wrong with the form of an expression, and what may be meant; null for nothing. */
function faultOfForm(text: string): [string, string | null] | null {
  const body = text.replace(/^\^/, '').replace(/(?<!\\)((?:\\\\)*)\$$/, '$1');
  if (`^${body}$` !== text) {
    return [
      'an expression matches the whole path: expected ^ at its start and $ at its end',
      `"^${body}$"`,
    ];
  }
  if (!/^(?:\(\?i\))?\\?[/(]/.test(body)) return ['paths begin with a slash: expected ^/', null];
  if (/[^\x20-\x7e]/.test(text)) {
    return ['expected ASCII: other characters are encoded in paths; use `path` for them', null];
  }
  if (/\\Q|\\C/.test(text) || /\(\?(?!:|i\))/.test(text)) {
    return ['of groups with ?, only (?:…) and (?i) can be used, and no \\Q or \\C', null];
  }
  const plain = withoutClasses(text.replaceAll('\\%', '%'));
  if (/%(?![2-7][0-9A-F])/.test(plain)) {
    return ['% begins an encoded ASCII character such as %20; use `path` for others', null];
  }
  const unread = otherSpelling(text, plain);
  if (unread !== null) return [`paths are read with ${unread}, so none would match`, null];
  if (hasTopAlternative(plain)) {
    return [
      '^ and $ would belong to one alternative each: put the alternatives in (…)',
      `"^(${body})$"`,
    ];
  }
  if (body !== '/' && body.endsWith('/')) {
    return [
      'expected no slash at the end; it makes no difference in paths',
      `"^${body.replace(/\\?\/$/, '')}$"`,
    ];
  }
  return null;
}

/** Escaped characters, classes of Unicode, and bracketed classes. */
const ATOM =
  /\\[pP](?:\{[^}]*\}|[A-Za-z])|\\x\{[0-9A-Fa-f]*\}|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/g;

/** The classes of characters in the expression. */
function atomsOf(text: string): readonly string[] {
  return [...text.matchAll(ATOM)].map(([atom]) => atom).filter((atom) => /^\[|^\\[pP]/.test(atom));
}

/** Each escaped character and class becomes `_`. */
function withoutClasses(text: string): string {
  return text.replace(ATOM, '_');
}

/** What paths contain in another spelling here, and that spelling; null for nothing. */
function otherSpelling(text: string, plain: string): string | null {
  const escaped = [...text.matchAll(ATOM)].map(([atom]) => /^\\([^A-Za-z0-9%])$/.exec(atom)?.[1]);
  const literal = plain.replace(/\{\d+(?:,\d*)?\}|[\^|?[%]/g, '');
  for (const char of [...escaped, ...Array.from(literal)]) {
    if (char !== undefined && encodeText(char) !== char)
      return `${encodeText(char)} in place of "${char}"`;
  }
  for (const [escape] of plain.matchAll(/%(?!2F)../g)) {
    const char = decodeURIComponent(escape);
    if (encodeText(char) === char) return `${char} in place of "${escape}"`;
  }
  return null;
}

/** Whether there is a `|` outside all parentheses. */
function hasTopAlternative(plain: string): boolean {
  let depth = 0;
  for (const char of plain) {
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === '|' && depth === 0) return true;
  }
  return false;
}

/**
 * Whether the class, compared without regard to case, has the other case of each of its letters.
 * Negated classes do not: `[^A-Z]` then has no letters at all, and `/abc` would escape the rule that
 * `/ABC` means to some app.
 */
function isFoldable(atom: string): boolean {
  const { RE2JS } = loaded();
  const exact = RE2JS.compile(`^${atom}$`);
  const anyCase = RE2JS.compile(`^${atom}$`, RE2JS.CASE_INSENSITIVE);
  return Array.from('abcdefghijklmnopqrstuvwxyz').every((lower) => {
    const has = exact.test(lower) || exact.test(lower.toUpperCase());
    return anyCase.test(lower) === has && anyCase.test(lower.toUpperCase()) === has;
  });
}

/** A segment without any operator, and not followed by an optional or repeated slash. */
const LITERAL_SEGMENT = /\/(?:[A-Za-z0-9_~@=:,;!&'%-]|\\[-._~!$&'()+])+(?=\/(?![?*+{]))/y;

/** The narrowest pattern with `/**` that every path of an expression matches: `/case/**`. */
export function patternAround(text: string): string {
  return `${literalSegments(text).join('')}/**`;
}

/** The segments at the start of an expression that every matching path begins with: `/case`. */
function literalSegments(text: string): readonly string[] {
  const segments: string[] = [];
  const pattern = new RegExp(LITERAL_SEGMENT);
  pattern.lastIndex = 1;
  const unescaped = text.replaceAll('\\/', '/');
  for (let found = pattern.exec(unescaped); found !== null; found = pattern.exec(unescaped)) {
    segments.push(found[0].replaceAll('\\', ''));
  }
  return segments;
}

function loaded(): typeof import('re2js') {
  return require('re2js');
}
